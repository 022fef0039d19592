// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/boot.hpp"

/// What is bound at boot is recorded twice: in a file of the host, and as names of empty files in each boot
/// image, so that a listing of an image shows what it does. gpupass-boot(5) documents both.
namespace gpupass {

inline constexpr std::string_view kBootFile = "/etc/gpupass/boot-bindings";

/// The file's content; of no bindings, the empty text: then there is no file.
std::string to_boot_file(const std::vector<BootBinding>& bindings);

/// Reads it back, without its last newline, as System::read() gives it. Each list has exactly one spelling,
/// and anything else is refused, except words "name=value" at the end of a line: a later version may add
/// words that an earlier one can ignore.
/// @throws Error Malformed naming the file, what was seen and what was expected.
std::vector<BootBinding> parse_boot_file(std::string_view content);

/// The path in a boot image that stands for a binding:
/// "etc/gpupass/boot-bindings/0000:65:00.0,10de:2330,10de:16c1". Without the serial number, which cannot be
/// read during early boot.
std::string boot_image_entry(const BootBinding& binding);
inline constexpr std::string_view kBootImageFolder = "etc/gpupass/boot-bindings/";

/// Whether a name may stand for a kernel: it becomes part of a path, and an argument of what builds its
/// image.
bool is_kernel_name(std::string_view name);

}  // namespace gpupass
