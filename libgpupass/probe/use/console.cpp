// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "probe/folder.hpp"
#include "probe/pci/function_above.hpp"
#include "system/framebuffer_consoles.hpp"
#include "values/firmware_framebuffer.hpp"

namespace gpupass {

namespace {

bool console_on_framebuffer(const System& system) {
  return std::ranges::any_of(framebuffer_consoles(system), [&](const std::string& console) {
    return system.read_guarded(console + "/bind").value_or("") == "1";
  });
}

/// The function in whose memory the framebuffer of the firmware is that a link in sysfs leads to. Since Linux
/// 6.9 the link itself leads through the function.
std::optional<PciAddress> function_of_framebuffer(std::string_view target,
                                                  const std::vector<DeviceUse>& framebuffers) {
  for (const DeviceUse& use : framebuffers)
    if (target.find(fmt::format("/{}/", framebuffer_of_owner(use.what))) != target.npos) return use.address;
  return function_in(target);
}

}  // namespace

std::vector<std::string> console_options(std::string_view command_line) {
  std::vector<std::string> options;
  for (const std::string_view word : words_of(command_line))
    if (word.starts_with("fbcon=")) options.emplace_back(word);
  return options;
}

/// Options of fbcon stand one behind the other: "fbcon=nodefer,map:01"; a later one wins.
/// Documentation/fb/fbcon.rst.
std::set<unsigned> mapped_framebuffers(std::string_view command_line) {
  constexpr std::string_view kMap = "map:";
  std::set<unsigned> framebuffers;
  for (const std::string& option : console_options(command_line)) {
    const std::size_t map = option.find(kMap);
    if (map == option.npos) continue;
    framebuffers.clear();
    for (const char digit : option.substr(map + kMap.size())) {
      if (digit < '0' || digit > '9') break;
      framebuffers.insert(static_cast<unsigned>(digit - '0'));
    }
  }
  return framebuffers;
}

/// Lines and the like: "tty0 ttyS4". Virtual terminals hang from no function.
std::vector<DeviceUse> line_console_uses(const System& system) {
  std::vector<DeviceUse> uses;
  const std::string names = system.read("/sys/class/tty/console/active").value_or("");
  for (const std::string_view name : words_of(names))
    if (const auto address = function_above(system, fmt::format("/sys/class/tty/{}", name)))
      uses.push_back({*address, DeviceUse::Kind::Console, std::string(name)});
  return uses;
}

/// The consoles take the first framebuffer that there is, unless they are given to others that there are.
std::vector<DeviceUse> console_uses(const System& system, const std::vector<DeviceUse>& framebuffers) {
  std::vector<DeviceUse> uses = line_console_uses(system);
  if (!console_on_framebuffer(system)) return uses;
  bool found = false;
  const auto add = [&](unsigned number) {
    const std::string name = fmt::format("fb{}", number);
    const Fact<std::string> target = system.link("/sys/class/graphics/" + name);
    found = found || target.known();
    if (const auto address = function_of_framebuffer(target.value_or(""), framebuffers))
      uses.push_back({*address, DeviceUse::Kind::Console, name});
  };
  for (const unsigned number : mapped_framebuffers(system.read("/proc/cmdline").value_or(""))) add(number);
  if (!found) add(0);
  return uses;
}

/// Each line is a range and whose it is; a range within another is indented more.
std::vector<DeviceUse> framebuffer_uses(std::string_view iomem) {
  std::vector<DeviceUse> uses;
  std::optional<PciAddress> function;
  std::size_t depth = 0;
  for (const std::string_view line : lines_of(iomem)) {
    const std::size_t colon = line.find(" : ");
    if (colon == line.npos) continue;
    const std::size_t indent = line.find_first_not_of(' ');
    const std::string_view name = line.substr(colon + 3);
    if (function && indent <= depth) function.reset();
    if (const auto address = PciAddress::parse(name)) {
      function = address;
      depth = indent;
    } else if (function && !framebuffer_of_owner(name).empty()) {
      uses.push_back({*function, DeviceUse::Kind::Framebuffer, std::string(name)});
    }
  }
  return uses;
}

std::string framebuffer_lines(std::string_view iomem) {
  std::string lines;
  for (const DeviceUse& use : framebuffer_uses(iomem))
    lines += fmt::format("0-0 : {}\n  0-0 : {}\n", use.address.to_string(), use.what);
  return lines;
}

}  // namespace gpupass
