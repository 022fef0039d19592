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

/// The console takes the first framebuffer that there is, and keeps it.
std::optional<DeviceUse> console_use(const System& system) {
  if (!console_on_framebuffer(system)) return std::nullopt;
  const auto address = function_above(system, "/sys/class/graphics/fb0");
  return address ? std::optional(DeviceUse{*address, DeviceUse::Kind::Console, "fb0"}) : std::nullopt;
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
