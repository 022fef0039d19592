// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <tuple>

#include "change/kind.hpp"
#include "values/error.hpp"
#include "values/mediated.hpp"
#include "values/sysfs.hpp"

/// Slices that drivers make by type: vGPUs and mediated devices.
namespace gpupass {

/// Calls `change(slicing)` for what the host says of each function that shares a GPU's memory with this one.
inline void for_each_sharing(Host& host, const PciFunction& function, const auto& change) {
  const PciAddress gpu = function.physical_function.value_or(function.address);
  for (PciFunction& each : host.functions)
    if (each.slicing && each.physical_function.value_or(each.address) == gpu) change(*each.slicing);
}

inline constexpr const char* kDriverTells = "the driver tells it once the slices are there";

/// Which vGPU a virtual function carries.
template <>
struct Kind<SetVgpuType> : DeviceKind {
  static constexpr const char* kName = "vgpu-type";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("type", change.type);
  }

  static std::string words(const SetVgpuType& change) {
    const std::string device = change.device.to_string();
    if (change.type == 0) return "take the vGPU of " + device + " away";
    return fmt::format("make {} a vGPU of type {}", device, change.type);
  }

  static std::string subject(const SetVgpuType& change) { return "the vGPU of " + change.device.to_string(); }

  /// The driver refuses another type while a guest has the function open.
  static bool waits_for_guest(const SetVgpuType&) { return true; }

  static void effect(Host& host, const SetVgpuType& change) {
    PciFunction* function = function_in(host, change.device);
    if (!function || !function->vgpu_type || *function->vgpu_type == change.type) return;
    function->vgpu_type = change.type;
    for_each_sharing(host, *function, [](Slicing& slicing) {
      if (!slicing.creatable_vgpus.absent()) slicing.creatable_vgpus = Unknown{kDriverTells};
    });
  }
};

/// Checks names that become part of a path and of XML.
inline void require_mediated(const DeviceId& device, const std::string& type) {
  if (!device.is_mediated())
    throw failure(ErrorCode::Malformed, "plan a change of", "mediated devices", device.to_string(), "a UUID");
  if (!is_mediated_type(type))
    throw failure(ErrorCode::Malformed, "plan a change of", device.to_string(), fmt::format("{:?}", type),
                  "the name of a type of mediated device");
}

/// A change of one mediated device. A hung driver is that of its parent.
struct MediatedKind : PlainKind {
  static std::optional<DeviceId> device(const auto& change) { return DeviceId(change.parent); }

  static std::set<std::string> locks(const auto& change) { return {lock_of_device(change.device)}; }

  static void require_well_formed(const auto& change) { require_mediated(change.device, change.type); }
};

/// Whether a mediated device is there.
template <>
struct Kind<SetMediatedDevice> : MediatedKind {
  static constexpr const char* kName = "mediated-device";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("parent", change.parent);
    visit("type", change.type);
    visit("present", change.present);
  }

  static std::string words(const SetMediatedDevice& change) {
    return fmt::format("{} the mediated device {} of {}, type {}", change.present ? "make" : "remove",
                       change.device.to_string(), change.parent.to_string(), change.type);
  }

  static std::string subject(const SetMediatedDevice& change) {
    return "the mediated device " + change.device.to_string();
  }

  /// The write that removes it does not return before its guest lets go.
  static bool waits_for_guest(const SetMediatedDevice& change) { return !change.present; }

  static bool may_come_with_boot(const SetMediatedDevice&) { return true; }

  static void effect(Host& host, const SetMediatedDevice& change) {
    PciFunction* parent = function_in(host, change.parent);
    if (!parent || !parent->slicing || !parent->slicing->mediated_types) return;
    auto& types = *parent->slicing->mediated_types;
    const auto type = std::ranges::find(types, change.type, &MediatedType::type);
    if (type == types.end() || !type->devices) return;
    std::vector<std::string>& devices = *type->devices;
    const std::string uuid = change.device.to_string();
    const auto place = std::ranges::lower_bound(devices, uuid);
    if ((place != devices.end() && *place == uuid) == change.present) return;
    if (change.present)
      devices.insert(place, uuid);
    else
      devices.erase(place);
    for_each_sharing(host, *parent, [](Slicing& slicing) {
      if (slicing.mediated_types)
        for (MediatedType& each : *slicing.mediated_types) each.available = Unknown{kDriverTells};
    });
  }
};

/// Whether mdevctl keeps it over boots.
template <>
struct Kind<SetMediatedDefinition> : MediatedKind {
  static constexpr const char* kName = "mediated-definition";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("parent", change.parent);
    visit("type", change.type);
    visit("at_boot", change.at_boot);
  }

  static std::string words(const SetMediatedDefinition& change) {
    const std::string device = change.device.to_string();
    if (!change.at_boot) return fmt::format("have mdevctl forget the mediated device {}", device);
    return fmt::format("have mdevctl make the mediated device {} of {}, type {}, {}", device,
                       change.parent.to_string(), change.type,
                       *change.at_boot ? "at every boot" : "when it is told to");
  }

  static std::string subject(const SetMediatedDefinition& change) {
    return "what mdevctl keeps of the mediated device " + change.device.to_string();
  }

  static bool lasts(const SetMediatedDefinition&) { return true; }

  static bool steers_boot(const SetMediatedDefinition&) { return true; }

  static std::vector<BootChange> made_by_boot(const SetMediatedDefinition& change) {
    if (!change.at_boot.value_or(false)) return {};
    const std::string type = mediated_type_link(change.parent, change.device);
    return {{Kind<SetMediatedDevice>::subject({change.device, change.parent, change.type, true}),
             {{Assumption::Kind::Link, type, change.type}}}};
  }

  static void effect(Host& host, const SetMediatedDefinition& change) {
    if (!host.mediated_definitions) return;
    auto& all = *host.mediated_definitions;
    const std::string uuid = change.device.to_string();
    std::erase_if(all, [&](const MediatedDefinition& each) {
      return each.parent == change.parent && each.uuid == uuid;
    });
    if (!change.at_boot) return;
    const auto place = std::ranges::lower_bound(
        all, std::pair(change.parent, uuid), {},
        [](const MediatedDefinition& each) { return std::pair(each.parent, each.uuid); });
    all.insert(place, {change.parent, uuid, change.type, *change.at_boot});
  }
};

}  // namespace gpupass
