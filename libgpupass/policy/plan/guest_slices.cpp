// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/guest_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "guest/edit/hostdev.hpp"
#include "guest/model/domain_xml.hpp"
#include "policy/guard/guards.hpp"
#include "policy/guests_of.hpp"
#include "policy/plan/guest.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

bool carries_vgpu(const PciFunction* function) {
  return function && !on_vfio(*function) && function->vgpu_type.value_or(0) != 0;
}

/// The function that a mediated device is a slice of. nullopt: nothing says that there is such a device.
std::optional<PciAddress> parent_of(const Host& host, DeviceId mediated) {
  const std::string uuid = mediated.to_string();
  for (const DeviceUse& use : host.uses.value_or({}))
    if (use.kind == DeviceUse::Kind::Mdev && use.what == uuid) return use.address;
  return std::nullopt;
}

void expect_in_service(const Host& host, const std::string& guest, PciAddress address) {
  const PciFunction* function = find_function(host, address);
  if (!function) return;
  if (const auto finding = wedged_finding(host, address)) refuse("attach to", guest, {*finding});
  if (const auto finding = quarantine_finding(host, *function)) refuse("attach to", guest, {*finding});
}

/// libvirt itself prevents two guests from using one device, so an unknown answer is no obstacle here.
void refuse_other_users(const Host& host, const std::string& guest, DeviceId slice) {
  if (guests_of(host, slice).running == guest) return;
  auto users = users_of_slice(host, slice);
  std::erase_if(users, [](const Finding& finding) { return finding.verdict != Verdict::Fail; });
  if (!users.empty()) refuse("attach to", guest, users);
}

}  // namespace

PartedDevices parted(const Host& host, const std::vector<DeviceId>& devices) {
  PartedDevices result;
  for (const DeviceId device : devices)
    if (device.is_mediated() || carries_vgpu(find_function(host, device)))
      result.slices.push_back(device);
    else
      result.functions.push_back(*device.function());
  return result;
}

void expect_attachable(const Host& host, const std::string& guest, const std::vector<DeviceId>& slices) {
  for (const DeviceId slice : slices) {
    const std::string name = slice.to_string();
    const auto function = slice.function();
    const auto parent = function ? find_function(host, *function)->physical_function.value_or(*function)
                                 : parent_of(host, slice);
    if (!parent && host.uses)
      refuse("attach to", guest, fmt::format("there is no mediated device {}", name),
             fmt::format("gpupass slice create GPU --type TYPE --uuid {}", name));
    if (function) expect_in_service(host, guest, *function);
    if (parent) expect_in_service(host, guest, *parent);
    refuse_other_users(host, guest, slice);
  }
}

void attach_slices(Plan& plan, const DomainXml& domain, const std::vector<DeviceId>& slices, Scope scope,
                   const AttachOptions& options) {
  const auto present = claimed_devices(definition_of(domain, scope));
  for (const DeviceId slice : slices) {
    if (std::ranges::binary_search(present, slice)) continue;
    SetDevice given{domain.name, slice, scope, true, hostdev_xml(slice), options.timeout_seconds};
    SetDevice taken = given;
    taken.present = false;
    plan.steps.push_back({fmt::format("attach {} to {}guest {}{}", slice.to_string(),
                                      scope == Scope::Live ? "" : "the definition of ", domain.name,
                                      scope == Scope::Live ? " while it runs" : ""),
                          kAskedFor, std::move(given), std::move(taken)});
  }
}

void note_slices(Plan& plan, const Host& host, const std::string& guest,
                 const std::vector<DeviceId>& slices) {
  for (const DeviceId slice : slices) {
    const std::string name = slice.to_string();
    for (const std::string& other : guests_of(host, slice).wanted_by)
      if (other != guest)
        plan.notes.push_back(
            fmt::format("guest {} is defined with {} too: only one of the two can run with it", other, name));
    if (slice.is_mediated())
      plan.notes.push_back(
          fmt::format("the next boot forgets {0}, unless it was made with --persist: gpupass slice create "
                      "GPU --type TYPE "
                      "--uuid {0} --persist",
                      name));
    else
      plan.notes.push_back(fmt::format(
          "after a reboot: gpupass slice create {} --type {}, before the guest starts; libvirt 9.7 or newer "
          "takes it from NVIDIA's driver",
          name, *find_function(host, slice)->vgpu_type));
  }
}

}  // namespace gpupass
