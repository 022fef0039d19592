// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/system.hpp"

/// Who changes the machine, for the journal. What cannot be told is empty.
namespace gpupass {

/// The user who logged in, whatever sudo or su made of it since; else the user of this process. Users that
/// are not in /etc/passwd have their number.
std::string login_user(const System& system);

/// Of this process, as a shell would take it.
std::string command_line(const System& system);

}  // namespace gpupass
