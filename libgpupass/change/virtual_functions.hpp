// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "change/kind.hpp"

namespace gpupass {

/// How many virtual functions a function has.
template <>
struct Kind<SetVirtualFunctions> : DeviceKind {
  static constexpr const char* kName = "virtual-functions";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("count", change.count);
    visit("drivers_autoprobe", change.drivers_autoprobe);
  }

  static std::string words(const SetVirtualFunctions& change) {
    const std::string words = fmt::format("set the number of virtual functions of {} to {}",
                                          change.device.to_string(), change.count);
    if (!change.drivers_autoprobe) return words;
    return fmt::format("{}, its sriov_drivers_autoprobe to {}", words, *change.drivers_autoprobe ? 1 : 0);
  }

  static std::string subject(const SetVirtualFunctions& change) {
    return "the virtual functions of " + change.device.to_string();
  }

  /// Even where some stay in number, they are other ones: the count goes through 0.
  static void effect(Host& host, const SetVirtualFunctions& change) {
    PciFunction* function = function_in(host, change.device);
    if (!function) return;
    if (function->slicing && change.drivers_autoprobe)
      function->slicing->drivers_autoprobe = *change.drivers_autoprobe;
    if (!function->sriov || function->sriov->vfs == change.count) return;
    const std::vector<PciAddress> gone = function->virtual_functions.value_or({});
    function->sriov->vfs = change.count;
    function->virtual_functions = std::vector<PciAddress>();
    if (change.count > 0) function->virtual_functions = Unknown{"the kernel makes them"};
    take_away(host, gone);
  }

 private:
  static void take_away(Host& host, const std::vector<PciAddress>& functions) {
    const auto is_gone = [&](PciAddress address) { return std::ranges::binary_search(functions, address); };
    std::erase_if(host.functions, [&](const PciFunction& each) { return is_gone(each.address); });
    if (!host.groups) return;
    for (IommuGroup& group : *host.groups) std::erase_if(group.members, is_gone);
    std::erase_if(*host.groups, [](const IommuGroup& group) { return group.members.empty(); });
  }
};

}  // namespace gpupass
