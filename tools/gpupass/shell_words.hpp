// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// A word of a command line as the shell would pass it on, without quotes, and with a home folder for "~/".
/// Nothing else is expanded, and nothing is run.
std::string unquoted(std::string_view word);

/// A word that every shell passes on as it is.
std::string quoted(std::string_view word);

}  // namespace gpupass
