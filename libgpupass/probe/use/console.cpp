// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probe/folder.hpp"
#include "probe/pci/function_above.hpp"

namespace gpupass {

namespace {

/// What drivers of a framebuffer that the firmware has set up call their memory.
constexpr std::array<std::string_view, 7> kFirmwareFramebuffers = {
    "BOOTFB", "efidrm", "efifb", "simpledrm", "simplefb", "vesadrm", "vesafb"};

bool console_on_framebuffer(const System& system) {
  const std::string folder = "/sys/class/vtconsole";
  const std::vector<std::string> consoles = system.list(folder).value_or({});
  return std::ranges::any_of(consoles, [&](const std::string& console) {
    const std::string path = folder + '/' + console;
    return system.read(path + "/name").value_or("").find("frame buffer") != std::string::npos &&
           system.read_guarded(path + "/bind").value_or("") == "1";
  });
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
std::vector<DeviceUse> console_uses(const System& system) {
  std::vector<DeviceUse> uses = line_console_uses(system);
  if (!console_on_framebuffer(system)) return uses;
  bool found = false;
  const auto add = [&](unsigned number) {
    const std::string name = fmt::format("fb{}", number), path = "/sys/class/graphics/" + name;
    found = found || system.link(path).known();
    if (const auto address = function_above(system, path))
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
    } else if (function && std::ranges::find(kFirmwareFramebuffers, name) != kFirmwareFramebuffers.end()) {
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
