// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/isolation/reset_scope.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "gpupass/policy.hpp"
#include "values/closure.hpp"

namespace gpupass {

namespace {

/// What resets a single function; "bus" resets all that is below one bridge.
bool resets_one_function(const std::string& method) {
  constexpr std::array<std::string_view, 5> kOwn = {"device_specific", "acpi", "flr", "af_flr", "pm"};
  return std::ranges::find(kOwn, method) != kOwn.end();
}

}  // namespace

ResetScope reset_scope(const Host& host, const PciFunction& function) {
  using Kind = ResetScope::Kind;
  if (!function.reset_methods) return {Kind::Unknown, {}};
  const std::vector<std::string>& methods = *function.reset_methods;
  if (methods.empty()) return {Kind::None, {}};
  if (std::ranges::any_of(methods, resets_one_function)) return {Kind::Function, {}};
  const std::vector<PciAddress> closure = closure_of(host, function.address);
  std::vector<PciAddress> others;
  for (const PciFunction& other : host.functions)
    if (other.address.domain == function.address.domain && other.address.bus == function.address.bus &&
        !std::ranges::binary_search(closure, other.address))
      others.push_back(other.address);
  return {others.empty() ? Kind::Closure : Kind::Wider, std::move(others)};
}

}  // namespace gpupass
