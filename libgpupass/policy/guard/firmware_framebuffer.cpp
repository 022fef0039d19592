// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/firmware_framebuffer.hpp"

#include <fmt/format.h>

#include "policy/guard/kernel_option.hpp"
#include "values/firmware_framebuffer.hpp"

namespace gpupass {

namespace {

/// The option of the kernel's command line that keeps the owner away. Linux 5.15 makes the devices of all in
/// one place, sysfb_init() of drivers/firmware/sysfb.c.
std::string_view option_against(std::string_view owner) {
  if (owner == "efifb") return "video=efifb:off";
  if (owner == "vesafb") return "video=vesafb:off";
  return "initcall_blacklist=sysfb_init";
}

}  // namespace

std::string framebuffer_remedy(const Host& host, std::string_view owner) {
  const std::string remedy = boot_with(host, option_against(owner));
  const std::string_view device = framebuffer_of_owner(owner);
  if (device.empty() || owner == kUnshownFramebuffer) return remedy;
  return fmt::format("echo {} > /sys/bus/platform/drivers/{}/unbind, and {}", device,
                     framebuffer_driver(device), remedy);
}

}  // namespace gpupass
