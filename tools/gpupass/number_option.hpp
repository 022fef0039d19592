// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "invocation.hpp"

namespace gpupass {

/// The value of an option that takes a whole number; nullopt when it was not given.
/// @throws Error Usage for anything else, a sign included.
std::optional<unsigned> number_option(const Invocation& invocation, const std::string& option, unsigned least,
                                      unsigned most);

/// An option's value that is not among those it can have. @throws Error Usage, always.
[[noreturn]] void refuse_value(const Invocation& invocation, const std::string& option,
                               const std::string& expected);

}  // namespace gpupass
