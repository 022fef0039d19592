// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace gpupass {

/// A framebuffer that the firmware has set up. It is a device of the platform.
struct FirmwareFramebuffer {
  std::string_view owner;   ///< What /proc/iomem calls the owner of its memory.
  std::string_view device;  ///< "efi-framebuffer.0". The driver that shows it has this name without ".0".
};

/// The memory itself, which the device claims also while no driver shows it.
inline constexpr std::string_view kUnshownFramebuffer = "BOOTFB";

/// Of drivers/firmware/sysfb.c and sysfb_simplefb.c, and of the drivers in drivers/video/fbdev and
/// drivers/gpu/drm.
inline constexpr std::array<FirmwareFramebuffer, 7> kFirmwareFramebuffers = {
    {{kUnshownFramebuffer, "simple-framebuffer.0"},
     {"efidrm", "efi-framebuffer.0"},
     {"efifb", "efi-framebuffer.0"},
     {"simpledrm", "simple-framebuffer.0"},
     {"simplefb", "simple-framebuffer.0"},
     {"vesadrm", "vesa-framebuffer.0"},
     {"vesafb", "vesa-framebuffer.0"}}};

/// Empty: the owner is none of them.
inline std::string_view framebuffer_of_owner(std::string_view owner) {
  const auto found = std::ranges::find(kFirmwareFramebuffers, owner, &FirmwareFramebuffer::owner);
  return found == kFirmwareFramebuffers.end() ? std::string_view() : found->device;
}

inline bool is_firmware_framebuffer(std::string_view device) {
  return std::ranges::find(kFirmwareFramebuffers, device, &FirmwareFramebuffer::device) !=
         kFirmwareFramebuffers.end();
}

/// "efi-framebuffer" of "efi-framebuffer.0".
inline std::string_view framebuffer_driver(std::string_view device) {
  return device.substr(0, device.find('.'));
}

}  // namespace gpupass
