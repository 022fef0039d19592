// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Read by hand: netlink asks the running machine alone, and a captured machine has routes of its own.
#include "probe/use/default_routes.hpp"

#include "probe/folder.hpp"

namespace gpupass {

namespace {

void add_with_those_below(const System& system, const std::string& name, std::set<std::string>& interfaces) {
  if (!interfaces.insert(name).second) return;
  constexpr std::string_view kLower = "lower_";
  for (const std::string& entry : system.list("/sys/class/net/" + name).value_or({}))
    if (entry.starts_with(kLower)) add_with_those_below(system, entry.substr(kLower.size()), interfaces);
}

}  // namespace

std::set<std::string> default_routes(const System& system) {
  std::set<std::string> interfaces;
  const std::string v4 = system.read("/proc/self/net/route").value_or("");
  const std::string v6 = system.read("/proc/self/net/ipv6_route").value_or("");
  for (const auto& names : {default_routes_v4(v4), default_routes_v6(v6)})
    for (const std::string& name : names) add_with_those_below(system, name, interfaces);
  return interfaces;
}

/// "eth0 00000000 0102A8C0 0003 0 0 0 00000000 ...": interface, destination, ..., and the mask as the eighth.
std::vector<std::string> default_routes_v4(std::string_view routes) {
  std::vector<std::string> names;
  for (const std::string_view line : lines_of(routes))
    if (const auto words = words_of(line);
        words.size() >= 8 && words[1] == "00000000" && words[7] == "00000000")
      names.emplace_back(words[0]);
  return names;
}

/// Destination, its length, ..., and the interface as the last. The kernel's own entry "unreachable" leads to
/// lo.
std::vector<std::string> default_routes_v6(std::string_view routes) {
  std::vector<std::string> names;
  for (const std::string_view line : lines_of(routes))
    if (const auto words = words_of(line); words.size() >= 10 &&
                                           words[0] == "00000000000000000000000000000000" &&
                                           words[1] == "00" && words.back() != "lo")
      names.emplace_back(words.back());
  return names;
}

}  // namespace gpupass
