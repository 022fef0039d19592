// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The part of the fake kernel that makes slices by type, as NVIDIA's drivers and drivers/vfio/mdev do.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "codec/mdevctl_file.hpp"
#include "support/fake_kernel.hpp"
#include "support/sysfs_paths.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kCurrentType = "nvidia/current_vgpu_type";
constexpr std::string_view kCreatable = "nvidia/creatable_vgpu_types";
constexpr std::string_view kTypes = "mdev_supported_types/";
constexpr std::string_view kMediated = "/sys/bus/mdev/devices/";

const FakeSliceType* find_type(const FakeSlices& slices, std::string_view type) {
  const auto found = std::ranges::find(slices.types, type, &FakeSliceType::type);
  return found == slices.types.end() ? nullptr : &*found;
}

}  // namespace

/// What the driver makes of this function itself. nullptr: no slices, or another driver has the function.
const FakeSlices* FakeKernel::slices_by(const std::string& address) const {
  const auto device = devices_.find(address);
  if (device == devices_.end() || device->second.driver.empty() || is_vfio_driver(device->second.driver))
    return nullptr;
  const std::string& physical = statics_.at(address).physical;
  const auto slices = slices_.find(physical.empty() ? address : physical);
  if (slices == slices_.end()) return nullptr;
  const bool is_maker = (slices->second.kind == FakeSlices::Kind::Vgpus) != physical.empty();
  return is_maker ? &slices->second : nullptr;
}

/// How many more of a type fit beside those that the GPU has.
unsigned FakeKernel::room_for(const std::string& address, const FakeSliceType& type) const {
  const FakeSlices& slices = *slices_by(address);
  unsigned used = 0;
  bool others = false;
  const auto count = [&](const std::string& made) {
    const FakeSliceType* known = find_type(slices, made);
    used += known ? known->memory : 0;
    others = others || made != type.type;
  };
  for (const auto& [name, device] : devices_) {
    if (slices_by(name) != &slices) continue;
    if (device.vgpu != 0) count(fmt::to_string(device.vgpu));
    for (const auto& [uuid, made] : device.mediated) count(made);
  }
  if (slices.one_type && others) return 0;
  return used > slices.memory ? 0 : (slices.memory - used) / type.memory;
}

bool FakeKernel::is_slice_attribute(const std::string& address, const std::string& rest) const {
  const FakeSlices* slices = slices_by(address);
  if (!slices) return false;
  if (slices->kind == FakeSlices::Kind::Vgpus) return rest == kCurrentType;
  return (rest.starts_with(kTypes) && rest.ends_with("/create")) || rest.ends_with("/remove");
}

std::optional<std::string> FakeKernel::slice_content(const std::string& address,
                                                     const std::string& rest) const {
  const FakeSlices* slices = slices_by(address);
  if (!slices) return std::nullopt;
  if (slices->kind == FakeSlices::Kind::Vgpus) {
    const unsigned now = devices_.at(address).vgpu;
    if (rest == kCurrentType) return fmt::to_string(now);
    if (rest != kCreatable) return std::nullopt;
    std::string text = "ID    : vGPU Name";
    for (const FakeSliceType& type : slices->types)
      if (now == 0 && room_for(address, type) > 0) text += fmt::format("\n{:<5} : {}", type.type, type.name);
    return text;
  }
  const auto at = below(kTypes, rest);
  const FakeSliceType* type = at ? find_type(*slices, at->name) : nullptr;
  if (!type) return std::nullopt;
  if (at->rest == "name") return type->name;
  if (at->rest == "device_api") return "vfio-pci";
  if (at->rest == "available_instances") return fmt::to_string(room_for(address, *type));
  return std::nullopt;
}

/// What a folder of slices, or of mdevctl, holds. nullopt: it is another folder, or it is not there.
std::optional<std::vector<std::string>> FakeKernel::slice_names(std::string_view path) const {
  std::vector<std::string> names;
  if (const auto at = below(kDevices, path)) {
    const FakeSlices* slices = slices_by(at->name);
    if (!slices || slices->kind != FakeSlices::Kind::Mediated) return std::nullopt;
    if (at->rest + '/' == kTypes)
      for (const FakeSliceType& type : slices->types) names.push_back(type.type);
    else if (at->rest.starts_with(kTypes) && at->rest.ends_with("/devices"))
      for (const auto& [uuid, type] : devices_.at(at->name).mediated) {
        if (at->rest == fmt::format("{}{}/devices", kTypes, type)) names.push_back(uuid);
      }
    else
      return std::nullopt;
    std::ranges::sort(names);
    return names;
  }
  if (std::string(path) + '/' == kMediated) {
    for (const auto& [address, device] : devices_)
      for (const auto& [uuid, type] : device.mediated) names.push_back(uuid);
    std::ranges::sort(names);
    return names;
  }
  if (!mdevctl_ || !path.starts_with(kMdevctlFolder)) return std::nullopt;
  std::set<std::string> kept;
  if (path == kMdevctlFolder) kept.insert("scripts.d");
  for (const auto& [file, content] : settings_)
    if (const auto at = below(std::string(path) + '/', file)) kept.insert(at->name);
  return std::vector<std::string>(kept.begin(), kept.end());
}

/// Where a link of a mediated device leads; "" for one that is gone. nullopt: it is another link.
std::optional<std::string> FakeKernel::slice_link(std::string_view path) const {
  if (const auto at = below(kDevices, path); at && at->rest.ends_with("/mdev_type")) {
    const FakeSlices* slices = slices_by(at->name);
    if (!slices) return std::nullopt;
    const auto& mediated = devices_.at(at->name).mediated;
    const auto device = mediated.find(at->rest.substr(0, at->rest.find('/')));
    return device == mediated.end() ? "" : fmt::format("../{}{}", kTypes, device->second);
  }
  if (const auto at = below(kMediated, path); at && at->rest.empty())
    for (const auto& [address, device] : devices_)
      if (device.mediated.contains(at->name))
        return fmt::format("../../../devices/pci0000:64/{}/{}", address, at->name);
  return std::nullopt;
}

int FakeKernel::store_slice(const std::string& address, const std::string& rest, const std::string& value) {
  if (rest == kCurrentType) return store_vgpu(address, value);
  if (const auto at = below(kTypes, rest)) return create_mediated(address, at->name, value);
  if (value != "1") return EINVAL;
  return devices_.at(address).mediated.erase(rest.substr(0, rest.find('/'))) == 1 ? 0 : ENOENT;
}

/// The driver outside of the kernel refuses to go from a type to another, and from none to none.
int FakeKernel::store_vgpu(const std::string& address, std::string_view value) {
  const auto type = parse_number<unsigned>(value);
  if (!type) return EINVAL;
  unsigned& now = devices_.at(address).vgpu;
  if ((now == 0) == (*type == 0)) return EPERM;
  if (*type != 0) {
    const FakeSliceType* known = find_type(*slices_by(address), value);
    if (!known) return EINVAL;
    if (room_for(address, *known) == 0) return EIO;
  }
  now = *type;
  return 0;
}

/// As create_store() of drivers/vfio/mdev/mdev_sysfs.c, and mdev_device_create().
int FakeKernel::create_mediated(const std::string& address, const std::string& type,
                                const std::string& uuid) {
  const FakeSliceType* known = find_type(*slices_by(address), type);
  if (!known) return ENOENT;
  if (!DeviceId::parse(uuid)) return EINVAL;
  for (const auto& [name, device] : devices_)
    if (device.mediated.contains(uuid)) return EEXIST;
  if (room_for(address, *known) == 0) return EUSERS;
  devices_.at(address).mediated[uuid] = type;
  return 0;
}

/// As libvirt does it, by mdevctl.
void FakeKernel::obey(const MediatedDefinitionOrder& order) {
  const std::string path = mdevctl_path(order.parent, order.device.to_string());
  require_lock(path);
  log_.push_back(fmt::format("{} {}", order.at_boot ? "define" : "undefine", path));
  faults_.change("define", path, [&] {
    if (!mdevctl_) throw Error(ErrorCode::System, path, "cannot define it: there is no mdevctl");
    if (order.at_boot)
      settings_[path] = fmt::format("{{\"mdev_type\": \"{}\", \"start\": \"{}\", \"attrs\": []}}\n",
                                    order.type, *order.at_boot ? "auto" : "manual");
    else
      settings_.erase(path);
  });
}

/// The kernel forgets slices; mdevctl makes those that it keeps for boots.
void FakeKernel::make_slices_of_boot(const std::string& address, FakeDevice& device) const {
  device.vgpu = 0;
  device.mediated.clear();
  const auto parent = PciAddress::parse(address);
  if (!parent) return;
  for (const auto& [path, content] : settings_) {
    const auto at = below(fmt::format("{}/{}/", kMdevctlFolder, address), path);
    if (!at) continue;
    const MediatedDefinition kept = parse_mdevctl_file(content);
    if (kept.at_boot) device.mediated[at->name] = kept.type;
  }
}

}  // namespace gpupass
