// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "invocation.hpp"

/// A result that goes to a file which the user names; "-" is stdout.
namespace gpupass {

/// Before any work. @throws Error Usage for a file in a dry run, and for one without a name.
void expect_result_file(const Invocation& invocation, const std::string& name);

/// On a terminal the user is asked before a file is replaced. @throws Error System when it cannot be written,
/// or the user does not agree.
void write_result(const Invocation& invocation, const std::string& name, std::string_view content);

}  // namespace gpupass
