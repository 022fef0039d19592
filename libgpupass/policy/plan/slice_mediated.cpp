// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/slice_types.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/mediated.hpp"
#include "policy/slice/slices.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"
#include "values/sysfs.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

void add_definition_step(Plan& plan, DeviceId device, PciAddress parent, const std::string& type,
                         std::optional<bool> at_boot, std::optional<bool> before) {
  const std::string uuid = device.to_string();
  if (!before) assume(plan, Assumption::Kind::Attribute, mdevctl_path(parent, uuid), "");
  plan.steps.push_back({at_boot ? fmt::format("have mdevctl make {} at every boot", uuid)
                                : fmt::format("have mdevctl forget {}", uuid),
                        at_boot ? kAskedFor : "a later boot would make it again",
                        SetMediatedDefinition{device, parent, type, at_boot},
                        SetMediatedDefinition{device, parent, type, before}});
}

void add_mediated_step(Plan& plan, DeviceId device, PciAddress parent, const std::string& type,
                       bool present) {
  assume(plan, Assumption::Kind::Link, mediated_type_link(parent, device), present ? "" : type);
  const std::string uuid = device.to_string();
  plan.steps.push_back(
      {present ? fmt::format("make the mediated device {} of {}, type {}", uuid, parent.to_string(), type)
               : fmt::format("remove the mediated device {} of {}", uuid, parent.to_string()),
       kAskedFor, SetMediatedDevice{device, parent, type, present},
       SetMediatedDevice{device, parent, type, !present}});
}

/// The next number whose device neither is there nor is kept.
DeviceId next_free(const Host& host, PciAddress parent, const std::string& type, unsigned& number) {
  for (;;)
    if (const DeviceId device = stable_mediated_device(parent, type, number++); !is_taken(host, device))
      return device;
}

void add_mediated(Plan& plan, const SliceRequest& request, DeviceId device, const PciFunction& parent,
                  const std::string& type) {
  if (request.at_boot) add_definition_step(plan, device, parent.address, type, true, std::nullopt);
  add_mediated_step(plan, device, parent.address, type, true);
}

void note_mediated(Plan& plan, const SliceRequest& request) {
  if (!request.at_boot)
    plan.notes.push_back("the next boot forgets mediated devices; --persist has mdevctl make them again");
  if (request.count > 1)
    plan.notes.push_back("each takes memory of the others: if there is no room for all, none is made");
}

/// How many more of a type a parent can have, of those that are left to make. Once slices of the GPU were
/// made or removed, its driver alone knows; but a virtual function of NVIDIA's carries one device at most.
unsigned room_on(const PciFunction& parent, const MediatedType& type, unsigned left) {
  if (type.available) return std::min(left, *type.available);
  if (!is_virtual(parent)) return left;
  const auto has_one = [](const MediatedType& each) { return !each.devices.value_or({}).empty(); };
  return std::ranges::any_of(*parent.slicing->mediated_types, has_one) ? 0 : std::min(left, 1u);
}

bool is_of_gpu(const Host& host, const PciFunction& function, const PciFunction& gpu) {
  const std::vector<const PciFunction*> functions = sliced_functions(host, gpu);
  return std::ranges::find(functions, &function) != functions.end();
}

/// Its settings would not come back with an undo.
void expect_forgettable(const Host& host, const MediatedDefinition& kept) {
  if (kept.attributes)
    refuse(kSliceVerb, kept.uuid,
           "mdevctl keeps settings of its driver with it, which gpupass could not put back",
           fmt::format("mdevctl stop -u {0}; mdevctl undefine -u {0}", kept.uuid));
  expect_keeper(host, kept.uuid, ", or: mdevctl undefine -u " + kept.uuid);
}

}  // namespace

std::optional<DeviceId> named_device(const SliceRequest& request) {
  if (request.uuid.empty()) return std::nullopt;
  const auto device = DeviceId::parse(request.uuid);
  if (!device || !device->is_mediated())
    throw Error(ErrorCode::Usage, request.uuid,
                fmt::format("cannot slice: saw {:?}, expected a UUID", request.uuid));
  if (request.count != 1)
    throw Error(ErrorCode::Usage, request.uuid,
                fmt::format("cannot slice: saw one UUID for {} devices, expected one device", request.count));
  return device;
}

bool is_taken(const Host& host, DeviceId device) {
  const std::string uuid = device.to_string();
  return find_mediated(host, uuid) || find_mediated_definition(host, uuid);
}

void expect_keeper(const Host& host, const std::string& subject, const std::string& else_do) {
  if (host.mediated_definitions.absent())
    refuse(kSliceVerb, subject, "saw no mdevctl, which keeps mediated devices over boots",
           "install the package mdevctl" + else_do);
  if (!host.mediated_definitions)
    refuse(kSliceVerb, subject,
           fmt::format("what mdevctl keeps is not known: {}", why_unknown(host.mediated_definitions)),
           kRunAsRoot);
  if (host.domains.absent())
    refuse(kSliceVerb, subject, "saw no libvirt, by which mediated devices are kept over boots",
           "start libvirtd" + else_do);
}

Plan plan_mediated(const Host& host, const PciFunction& gpu, const Offer& offer, const SliceRequest& request,
                   const std::optional<DeviceId>& named) {
  Plan plan;
  std::vector<PciAddress> parents;
  unsigned left = request.count;
  for (const PciFunction* parent : offer.functions) {
    const auto type = std::ranges::find(*parent->slicing->mediated_types, offer.type, &MediatedType::type);
    const unsigned here = room_on(*parent, *type, left);
    if (here == 0) continue;
    left -= here;
    parents.push_back(parent->address);
    if (type->available)
      assume(
          plan, Assumption::Kind::Attribute,
          sysfs_path(parent->address, fmt::format("mdev_supported_types/{}/available_instances", offer.type)),
          fmt::to_string(*type->available));
    unsigned number = 0;
    for (unsigned made = 0; made < here; ++made)
      add_mediated(plan, request, named ? *named : next_free(host, parent->address, offer.type, number),
                   *parent, offer.type);
  }
  if (left > 0)
    refuse(kSliceVerb, gpu.address.to_string(),
           fmt::format("saw room for {} of type {}, expected {}", request.count - left, offer.type,
                       request.count),
           "gpupass slices tells how many can be made");
  assume_functions(plan, host, parents);
  note_mediated(plan, request);
  return plan;
}

Plan plan_mediated_again(const Host& host, const PciFunction& gpu, const SliceRequest& request,
                         DeviceId device) {
  const std::string uuid = device.to_string();
  const auto present = find_mediated(host, uuid);
  const MediatedDefinition* kept = find_mediated_definition(host, uuid);
  const PciFunction* parent = present ? present->parent : find_function(host, kept->parent);
  const std::string type = present ? present->type->type : kept->type;
  const bool same = parent && is_of_gpu(host, *parent, gpu) &&
                    is_called(type, present ? present->type->name.value_or("") : "", request.type);
  if (!same || (kept && (kept->parent != parent->address || kept->type != type)))
    refuse(kSliceVerb, gpu.address.to_string(),
           fmt::format("{} is another mediated device already: of {}, type {}", uuid,
                       (present ? present->parent->address : kept->parent).to_string(), type),
           "gpupass slice destroy " + uuid);
  Plan plan;
  const bool kept_at_boot = kept && kept->at_boot;
  if (request.at_boot && !kept_at_boot)
    add_definition_step(plan, device, parent->address, type, true,
                        kept ? std::optional(kept->at_boot) : std::nullopt);
  if (!present) add_mediated_step(plan, device, parent->address, type, true);
  if (!plan.steps.empty()) assume_functions(plan, host, {parent->address});
  return plan;
}

void destroy_mediated(Plan& plan, const Host& host, DeviceId device) {
  const std::string uuid = device.to_string();
  const auto present = find_mediated(host, uuid);
  const MediatedDefinition* kept = find_mediated_definition(host, uuid);
  if (!present && !kept)
    throw Error(ErrorCode::NotFound, uuid,
                fmt::format("cannot slice {0}: there is no mediated device {0}", uuid),
                "gpupass slices lists those that there are");
  if (host.mediated_definitions.unknown())
    refuse(kSliceVerb, uuid,
           fmt::format("what mdevctl keeps is not known: {}", host.mediated_definitions.why()), kRunAsRoot);
  const PciAddress parent = present ? present->parent->address : kept->parent;
  if (const auto finding = wedged_finding(host, parent)) refuse(kSliceVerb, uuid, {*finding});
  expect_unwanted(host, device);
  if (kept) {
    expect_forgettable(host, *kept);
    add_definition_step(plan, device, kept->parent, kept->type, std::nullopt, kept->at_boot);
  }
  if (!present) return;
  assume_functions(plan, host, {parent});
  add_mediated_step(plan, device, parent, present->type->type, false);
}

}  // namespace gpupass
