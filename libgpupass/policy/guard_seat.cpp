// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/candidate.hpp"
#include "policy/card.hpp"
#include "policy/text.hpp"

namespace gpupass {

namespace {

/// A display that could show the host's console. A 3D controller (0302) has no outputs, a virtual function
/// neither, and what is on vfio-pci is lost to the host.
bool can_show_console(const PciFunction& function) {
  if (!function.class_code || is_virtual(function) || on_vfio(function)) return false;
  return *function.class_code >> 16 == 0x03 && *function.class_code >> 8 != 0x0302;
}

void drives_display(Candidate& candidate, const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (member.boot_vga.unknown())
    return candidate.unknown("gpu.boot-display",
                             fmt::format("whether {} is the display that the firmware started on is not known: {}", name,
                                         why_unknown(member.boot_vga)));
  if (member.boot_vga.value_or(false))
    return candidate.protect(member.address, "gpu.boot-display",
                             fmt::format("{} is the display that the firmware started on", name),
                             "make another display the primary one in the firmware's setup");
  if (!can_show_console(member)) return;
  const bool another = std::ranges::any_of(candidate.host().functions, [&](const PciFunction& other) {
    return can_show_console(other) && !candidate.is_leaving(other.address);
  });
  if (!another)
    candidate.protect(member.address, "gpu.only-display", fmt::format("without {} the host has no display left", name),
                      "leave the host another display");
}

void shows_console(Candidate& candidate, const PciFunction& member) {
  if (!candidate.host().uses || on_vfio(member)) return;
  const std::string name = member.address.to_string();
  for (const DeviceUse& use : *candidate.host().uses) {
    if (use.address != member.address) continue;
    if (use.kind == "console")
      candidate.protect(member.address, "gpu.console", fmt::format("the console is on {}, which {} shows", use.what, name),
                        "take the console off it: write 0 to /sys/class/vtconsole/vtcon1/bind");
    if (use.kind == "framebuffer")
      candidate.protect(member.address, "gpu.framebuffer",
                        fmt::format("the firmware's framebuffer ({}) lies in the memory of {}", use.what, name),
                        "let the firmware start on another display");
  }
}

void has_last_keyboard(Candidate& candidate, const PciFunction& member) {
  const auto& keyboards = candidate.host().keyboards;
  if (!keyboards || on_vfio(member)) return;
  const bool has_one = std::ranges::any_of(
      *keyboards, [&](const Keyboard& keyboard) { return keyboard.address && *keyboard.address == member.address; });
  const bool one_stays = std::ranges::any_of(*keyboards, [&](const Keyboard& keyboard) {
    return !keyboard.address || !candidate.is_leaving(*keyboard.address);
  });
  if (has_one && !one_stays)
    candidate.protect(member.address, "device.last-keyboard",
                      fmt::format("without {} the host has no keyboard left", member.address.to_string()),
                      "plug a keyboard into a port of another controller");
}

}  // namespace

void guard_seat(Candidate& candidate, const PciFunction& member) {
  drives_display(candidate, member);
  shows_console(candidate, member);
  has_last_keyboard(candidate, member);
}

}  // namespace gpupass
