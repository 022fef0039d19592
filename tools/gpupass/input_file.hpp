// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace gpupass {

/// What messages call it: "standard input" for "-".
std::string name_of_input(const std::string& name);

/// The text of a file that the user names; "-" is standard input.
/// @param expected what it should hold, for messages: "XML".
/// @throws Error NotFound; Malformed for an empty one, and for more than 16 MiB.
std::string text_of_input(const std::string& name, const std::string& expected);

}  // namespace gpupass
