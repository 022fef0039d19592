// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/guard/candidate.hpp"
#include "policy/guard/firmware_framebuffer.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Once a display is on vfio-pci, nothing more is lost: what the firmware started on is a fact of the boot.
void drives_display(Candidate& candidate, const PciFunction& member) {
  if (on_vfio(member)) return;
  const bool last = is_hosts_display(member) && !candidate.display_stays();
  const std::optional<Finding> missed = missed_display(member, last);
  if (!missed) return;
  if (missed->verdict == Verdict::Unknown)
    candidate.unknown(missed->id.c_str(), missed->message);
  else
    candidate.protect(member.address, missed->id.c_str(), missed->message, missed->remedy);
}

void shows_console(Candidate& candidate, const PciFunction& member) {
  if (!candidate.host().uses || on_vfio(member)) return;
  const std::string name = member.address.to_string();
  for (const DeviceUse& use : *candidate.host().uses) {
    if (use.address != member.address) continue;
    if (use.kind == DeviceUse::Kind::Console)
      candidate.protect(member.address, "gpu.console",
                        fmt::format("the kernel's console ({}) is shown by {}", use.what, name),
                        use.what.starts_with("fb")
                            ? "take the console off it: write 0 to /sys/class/vtconsole/vtcon1/bind"
                            : fmt::format("boot with console= of another line than {}", use.what));
    if (use.kind == DeviceUse::Kind::Framebuffer)
      candidate.protect(member.address, "gpu.framebuffer",
                        fmt::format("the firmware's framebuffer ({}) is in the memory of {}", use.what, name),
                        "let the firmware start on another display");
  }
}

/// Also on vfio-pci: QEMU cannot have memory that another driver has claimed.
void keeps_framebuffer(Candidate& candidate, const PciFunction& member) {
  if (!candidate.host().uses || !on_vfio(member)) return;
  const DeviceUse* found = nullptr;  // Rather the driver than what it drives.
  for (const DeviceUse& use : *candidate.host().uses)
    if (use.address == member.address && use.kind == DeviceUse::Kind::Framebuffer &&
        (!found || found->what == "BOOTFB"))
      found = &use;
  if (found)
    candidate.fail(
        "gpu.framebuffer",
        fmt::format("the firmware's framebuffer ({}) still claims memory of {}: no guest can have it",
                    found->what, member.address.to_string()),
        framebuffer_remedy(candidate.host(), found->what));
}

/// Where a Bluetooth adapter may be: on a USB controller, on a wireless card, or alone.
bool may_have_bluetooth(const PciFunction& function) {
  const std::uint32_t type = function.class_code.value_or(0) >> 8;
  return type == 0x0c03 || type == 0x0280 || type >> 8 == 0x0d;
}

void has_last_keyboard(Candidate& candidate, const PciFunction& member) {
  const auto& keyboards = candidate.host().keyboards;
  if (!keyboards || on_vfio(member)) return;
  bool has_one = false, may_have_one = false, one_stays = false;
  for (const Keyboard& keyboard : *keyboards) {
    if (keyboard.address.unknown()) {
      may_have_one = may_have_one || may_have_bluetooth(member);
      one_stays = one_stays || !may_have_bluetooth(member);
    } else if (!keyboard.address || !candidate.is_leaving(*keyboard.address)) {
      one_stays = true;
    } else if (*keyboard.address == member.address) {
      has_one = true;
    }
  }
  if (one_stays) return;
  const std::string name = member.address.to_string(),
                    remedy = "plug a keyboard into a port of another controller";
  if (has_one)
    candidate.protect(member.address, "device.last-keyboard",
                      fmt::format("without {} the host has no keyboard left", name), remedy);
  else if (may_have_one)
    candidate.doubt(
        member.address, "device.last-keyboard",
        fmt::format("the host's last keyboard is perhaps connected through {}, by Bluetooth", name), remedy);
}

}  // namespace

bool is_of_display(const Finding& finding) {
  constexpr std::array kIds = {"gpu.boot-display", "gpu.only-display", "gpu.console", "gpu.framebuffer"};
  return std::ranges::find(kIds, finding.id) != kIds.end();
}

std::optional<Finding> missed_display(const PciFunction& function, bool last, const char* when) {
  const std::string name = function.address.to_string();
  if (function.boot_vga.unknown())
    return Finding{"gpu.boot-display", Verdict::Unknown, name,
                   fmt::format("it is not known whether the firmware started on {}: {}", name,
                               why_unknown(function.boot_vga)),
                   ""};
  if (function.boot_vga.value_or(false))
    return Finding{"gpu.boot-display", Verdict::Fail, name,
                   fmt::format("{} is the display that the firmware started on", name),
                   last ? "make sure that the host can be reached without a display, over the network or a "
                          "serial console"
                        : "make another display the primary one in the firmware's setup"};
  if (!last) return std::nullopt;
  return Finding{"gpu.only-display", Verdict::Fail, name,
                 fmt::format("without {} the host has no display left{}", name, when),
                 "leave the host another display"};
}

void guard_console(Candidate& candidate, const PciFunction& member) {
  drives_display(candidate, member);
  shows_console(candidate, member);
  keeps_framebuffer(candidate, member);
  has_last_keyboard(candidate, member);
}

}  // namespace gpupass
