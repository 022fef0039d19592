// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/network_uses.hpp"

#include <optional>
#include <set>

#include "probe/pci/function_above.hpp"
#include "probe/use/default_routes.hpp"
#include "values/card.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// What cannot be read may be up.
bool is_up(const System& system, const std::string& name) {
  constexpr unsigned kUp = 1;  // IFF_UP
  const std::string text = system.read("/sys/class/net/" + name + "/flags").value_or("");
  const auto flags = text.starts_with("0x") ? parse_number<unsigned>(text.substr(2), 16) : std::nullopt;
  return !flags || (*flags & kUp) != 0;
}

/// Whether a driver of the host has it as a network card.
bool is_driven_card(const PciFunction& function) {
  return is_network(function) && function.driver && !on_vfio(function);
}

}  // namespace

std::vector<DeviceUse> network_uses(const System& system, const Host& host,
                                    const std::vector<std::string>& names) {
  std::vector<DeviceUse> uses;
  std::set<PciAddress> seen;
  const std::set<std::string> routes = default_routes(system);
  for (const std::string& name : names) {
    const auto address = function_above(system, "/sys/class/net/" + name);
    if (!address) continue;
    seen.insert(*address);
    if (is_up(system, name))
      uses.push_back(
          {*address, routes.contains(name) ? DeviceUse::Kind::Route : DeviceUse::Kind::Network, name});
  }
  for (const PciFunction& function : host.functions)
    if (is_driven_card(function) && !seen.contains(function.address))
      uses.push_back({function.address, DeviceUse::Kind::Unseen, *function.driver});
  return uses;
}

}  // namespace gpupass
