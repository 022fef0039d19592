// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"

/// The files of the running machine, by absolute paths. As the functions of System with the same names.
namespace gpupass::live_files {

Fact<std::string> read(std::string_view path);
Fact<std::vector<std::string>> list(std::string_view path);
Fact<std::string> link(std::string_view path);
void write(std::string_view path, std::string_view value);
/// On disk when it returns. One that is not there is no error.
void remove_boot_image(const std::string& path);

}  // namespace gpupass::live_files
