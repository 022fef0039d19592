// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "invocation.hpp"

namespace gpupass {

/// The options that every verb has.
void describe_global_options(po::options_description& options);

/// "usage: gpupass bind [options] GPU..."
std::string usage_line(const Command& verb);

/// The text of `gpupass -h`, or of `gpupass VERB -h`.
std::string help(const Command* verb);

}  // namespace gpupass
