// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "system/framebuffer_consoles.hpp"
#include "values/firmware_framebuffer.hpp"

namespace gpupass {

namespace {

std::string zero_or_one(const Fact<std::string>& text, const std::string& path) {
  if (!text)
    throw failure(ErrorCode::System, "read", path, text.unknown() ? text.why() : "no such file", "0 or 1");
  return *text;
}

}  // namespace

/// Whoever shows a framebuffer brings the consoles with it, and they are drawn from then on, unless they were
/// taken off another one meanwhile: do_fb_registered() of drivers/video/fbdev/core/fbcon.c.
void perform(Access& access, const SetConsole& change) {
  const std::string wanted = change.drawn ? "1" : "0";
  const std::vector<std::string> consoles = framebuffer_consoles(access.look());
  for (const std::string& console : consoles) {
    const std::string path = console + "/bind";
    if (zero_or_one(access.read_guarded(path), path) == wanted) continue;
    if (const std::string now = zero_or_one(access.set_guarded(path, wanted), path); now != wanted)
      throw failure(ErrorCode::System, "write", path, now, wanted);
  }
  if (change.drawn && consoles.empty())
    access.remark("there is no framebuffer to draw them on: no driver has brought one");
}

void perform(Access& access, const SetFramebuffer& change) {
  const std::string device = "/sys/bus/platform/devices/" + change.device;
  const auto is_there = [&access](const std::string& path) {
    const Fact<std::string> link = access.look().link(path);
    if (link.unknown()) throw failure(ErrorCode::System, "read", path, link.why(), "a link or none");
    return link.known();
  };
  if (change.shown && !is_there(device))
    return access.remark("the kernel has taken it away: it comes back with the next boot");
  if (is_there(device + "/driver") == change.shown) return;
  access.touch().write_guarded(
      fmt::format("/sys/bus/platform/drivers/{}/{}", framebuffer_driver(change.device),
                  change.shown ? "bind" : "unbind"),
      change.device);
  if (is_there(device + "/driver") != change.shown)
    throw failure(ErrorCode::System, change.shown ? "bind" : "unbind", change.device,
                  change.shown ? "no driver" : "its driver still there",
                  std::string(framebuffer_driver(change.device)));
}

}  // namespace gpupass
