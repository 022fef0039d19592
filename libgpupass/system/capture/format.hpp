// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: people review captures, line by line, before they send them. No format of a library shows
// bytes, links and reasons in lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "system/capture/recording.hpp"

namespace gpupass {

/// A capture of a machine with 500 functions has about 5 MiB.
inline constexpr std::size_t kLargestCapture = 64 << 20;

/// The text of a NAME.host file, in plain ASCII. parse_capture() gives back an equal recording.
std::string print_capture(const Recording& recording);

/// Whether a text that print_capture() made lacks its end. One that a person wrote needs none.
bool is_cut_short(std::string_view capture);

/// @throws Error Malformed naming `file`, the line, what was seen and what was expected.
Recording parse_capture(std::string_view text, const std::string& file);

}  // namespace gpupass
