// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/preparation.hpp"

/// The files by which a host is prepared at every boot, each in the form of the program that reads it,
/// without a last newline. nullopt: there is nothing to say, and so no file. A parser takes what is written
/// here and nothing else. @throws Error Malformed.
namespace gpupass {

/// As grub-mkconfig of Debian sources it, behind /etc/default/grub.
std::optional<std::string> to_grub_file(const std::vector<std::string>& kernel_options);
std::vector<std::string> parse_grub_file(std::string_view content);

/// As modules-load.d(5) has it.
std::optional<std::string> to_modules_file(const std::vector<std::string>& modules);
std::vector<std::string> parse_modules_file(std::string_view content);

/// As tmpfiles.d(5) has it: written once in each boot, before anything else takes the memory.
std::optional<std::string> to_pages_file(const std::vector<NodePages>& pages);
std::vector<NodePages> parse_pages_file(std::string_view content);

}  // namespace gpupass
