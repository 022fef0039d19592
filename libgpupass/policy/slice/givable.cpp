// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/givable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/guard/guards.hpp"
#include "policy/guests_of.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"

namespace gpupass {

namespace {

void expect_in_service(const Host& host, const std::string& what, const std::string& guest,
                       PciAddress address) {
  const PciFunction* function = find_function(host, address);
  if (!function) return;
  if (const auto finding = wedged_finding(host, address)) refuse(what, guest, {*finding});
  if (const auto finding = quarantine_finding(host, *function)) refuse(what, guest, {*finding});
}

/// libvirt itself prevents two guests from using one device, so an unknown answer is no obstacle here.
void refuse_other_users(const Host& host, const std::string& what, const std::string& guest, DeviceId slice) {
  if (guests_of(host, slice).running == guest) return;
  auto users = users_of_slice(host, slice);
  std::erase_if(users, [](const Finding& finding) { return finding.verdict != Verdict::Fail; });
  if (!users.empty()) refuse(what, guest, users);
}

}  // namespace

PartedDevices parted(const Host& host, const std::vector<DeviceId>& devices) {
  PartedDevices result;
  for (const DeviceId device : devices)
    if (goes_as_it_is(host, device))
      result.slices.push_back(device);
    else
      result.functions.push_back(*device.function());
  return result;
}

void expect_givable(const Host& host, const std::string& what, const std::string& guest,
                    const std::vector<DeviceId>& slices) {
  for (const DeviceId slice : slices) {
    const std::string name = slice.to_string();
    const auto function = slice.function();
    const auto parent = function ? find_function(host, *function)->physical_function.value_or(*function)
                                 : parent_of_mediated(host, slice);
    if (!parent && host.uses)
      refuse(what, guest, fmt::format("there is no mediated device {}", name),
             fmt::format("gpupass slice create GPU --type TYPE --uuid {}", name));
    if (function) expect_in_service(host, what, guest, *function);
    if (parent) expect_in_service(host, what, guest, *parent);
    refuse_other_users(host, what, guest, slice);
  }
}

}  // namespace gpupass
