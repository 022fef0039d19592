// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "invocation.hpp"

namespace gpupass {

/// Reads a whole number without a sign. @returns nullopt for anything else, and outside of the limits.
std::optional<unsigned> whole_number(std::string_view text, unsigned least, unsigned most);

/// The value of an option that takes a whole number; nullopt when it was not given.
/// @throws Error Usage for anything else, a sign included.
std::optional<unsigned> number_option(const Invocation& invocation, const std::string& option, unsigned least,
                                      unsigned most);

/// An option's value that is not among those it can have. @throws Error Usage, always.
[[noreturn]] void refuse_value(const Invocation& invocation, const std::string& option,
                               const std::string& expected);
/// The same for one value of an option that may be repeated.
[[noreturn]] void refuse_value(const Invocation& invocation, const std::string& option,
                               const std::string& saw, const std::string& expected);

/// Options that contradict each other. @throws Error Usage, always.
[[noreturn]] void refuse_beside(const std::string& option, const std::string& other,
                                const std::string& message, const std::string& hint);

}  // namespace gpupass
