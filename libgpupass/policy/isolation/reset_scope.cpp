// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/isolation/reset_scope.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gpupass {

namespace {

/// What resets a single function; "bus" resets all that is below one bridge.
bool resets_one_function(const std::string& method) {
  constexpr std::array<std::string_view, 5> kOwn = {"device_specific", "acpi", "flr", "af_flr", "pm"};
  return std::ranges::find(kOwn, method) != kOwn.end();
}

bool share_bus(const PciFunction& one, const PciFunction& other) {
  return one.address.domain == other.address.domain && one.address.bus == other.address.bus;
}

/// Linux asks a function how it can be reset when it finds it, and names "bus" for one that is alone by then:
/// the first (drivers/pci/pci.c, pci_parent_bus_reset()). VFIO resets the bus for all of them
/// (drivers/vfio/pci/vfio_pci_core.c, vfio_pci_dev_set_try_reset()).
bool is_first_on_bus(const Host& host, const PciFunction& function) {
  return std::ranges::none_of(host.functions, [&](const PciFunction& other) {
    return share_bus(other, function) && other.address < function.address;
  });
}

}  // namespace

ResetScope reset_scope(const Host& host, const PciFunction& function,
                       const std::vector<PciAddress>& leaving) {
  using Kind = ResetScope::Kind;
  if (!function.reset_methods) return {Kind::Unknown, {}};
  const std::vector<std::string>& methods = *function.reset_methods;
  if (std::ranges::any_of(methods, resets_one_function)) return {Kind::Function, {}};
  if (methods.empty() && (!function.parent || is_first_on_bus(host, function))) return {Kind::None, {}};
  std::vector<PciAddress> others;
  for (const PciFunction& other : host.functions)
    if (share_bus(other, function) && !std::ranges::binary_search(leaving, other.address))
      others.push_back(other.address);
  return {others.empty() ? Kind::Bus : Kind::Wider, std::move(others)};
}

std::optional<std::string> lone_reset_method(const Host& host, const PciFunction& function) {
  if (!function.reset_methods) return std::nullopt;
  const bool alone = std::ranges::none_of(host.functions, [&](const PciFunction& other) {
    return share_bus(other, function) && other.address != function.address;
  });
  for (const std::string& method : *function.reset_methods)
    if (resets_one_function(method) || (method == "bus" && alone && function.parent)) return method;
  return std::nullopt;
}

}  // namespace gpupass
