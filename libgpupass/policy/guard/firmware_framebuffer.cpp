// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/firmware_framebuffer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/guard/kernel_option.hpp"

namespace gpupass {

namespace {

struct FirmwareFramebuffer {
  std::string_view owner;
  std::string_view driver;  ///< Its platform device is DRIVER.0.
  std::string_view option;  ///< Of the kernel's command line.
};

// Linux 5.15 makes all of them in one place, sysfb_init() of drivers/firmware/sysfb.c.
constexpr std::string_view kAll = "initcall_blacklist=sysfb_init";
constexpr std::array<FirmwareFramebuffer, 6> kFramebuffers = {
    {{"efifb", "efi-framebuffer", "video=efifb:off"},
     {"efidrm", "efi-framebuffer", kAll},
     {"vesafb", "vesa-framebuffer", "video=vesafb:off"},
     {"vesadrm", "vesa-framebuffer", kAll},
     {"simplefb", "simple-framebuffer", kAll},
     {"simpledrm", "simple-framebuffer", kAll}}};

}  // namespace

std::string framebuffer_remedy(const Host& host, std::string_view owner) {
  const auto found = std::ranges::find(kFramebuffers, owner, &FirmwareFramebuffer::owner);
  if (found == kFramebuffers.end()) return boot_with(host, kAll);
  return fmt::format("echo {0}.0 > /sys/bus/platform/drivers/{0}/unbind, and {1}", found->driver,
                     boot_with(host, found->option));
}

}  // namespace gpupass
