// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/keyboards.hpp"

#include "probe/pci/function_above.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// Keys that repeat while they are held: buttons for power and volume have keys as well, which do not.
bool types(const System& system, const std::string& folder) {
  constexpr std::uint64_t kKeys = 1U << 1, kRepeat = 1U << 20;  // EV_KEY, EV_REP
  const auto events = parse_number<std::uint64_t>(system.read(folder + "/capabilities/ev").value_or(""), 16);
  return events && (*events & kKeys) != 0 && (*events & kRepeat) != 0;
}

}  // namespace

Fact<std::vector<Keyboard>> read_keyboards(const System& system) {
  const std::string folder = "/sys/class/input";
  const auto names = system.list(folder);
  if (!names) return names.without_value<std::vector<Keyboard>>();
  std::vector<Keyboard> keyboards;
  for (const std::string& name : *names) {
    const std::string path = folder + '/' + name;
    if (!name.starts_with("input") || !types(system, path)) continue;
    const std::string target = system.link(path).value_or("");
    if (target.find("/virtual/") != target.npos) continue;  // A program emulates it.
    const auto address = function_in(target);
    keyboards.push_back({name, address ? Fact<PciAddress>(*address) : Fact<PciAddress>(Absent{})});
  }
  return keyboards;
}

}  // namespace gpupass
