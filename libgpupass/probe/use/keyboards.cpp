// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/keyboards.hpp"

#include <optional>

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

/// Whether BlueZ hands its keys on: a device of /dev/uhid on the bus BUS_BLUETOOTH of linux/input.h.
bool is_bluetooth(std::string_view target) {
  return target.find("/uhid/0005:") != target.npos;
}

/// The function that all Bluetooth adapters hang from; which one has a keyboard the kernel does not tell.
Fact<PciAddress> function_of_bluetooth(const System& system) {
  const std::string folder = "/sys/class/bluetooth";
  std::optional<PciAddress> only;
  for (const std::string& adapter : system.list(folder).value_or({})) {
    const auto function = function_above(system, folder + '/' + adapter);
    if (only && function != only) return Unknown{"there are several Bluetooth adapters"};
    if (function) only = function;
  }
  if (only) return *only;
  return Unknown{"its Bluetooth adapter is not known"};
}

Fact<PciAddress> function_of(const System& system, const std::string& target) {
  if (is_bluetooth(target)) return function_of_bluetooth(system);
  if (const auto function = function_in(target)) return *function;
  return Absent{};
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
    const bool emulated = target.find("/virtual/") != target.npos && !is_bluetooth(target);
    if (!emulated) keyboards.push_back({name, function_of(system, target)});
  }
  return keyboards;
}

}  // namespace gpupass
