// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/system.hpp"

/// What systemd runs a process in. `process` is its folder in /proc: a number, or "self".
namespace gpupass {

/// As DeviceUser::service. Reads: /proc/PID/cgroup.
std::string service_of(const System& system, std::string_view process);

/// As DeviceUser::session. Reads: /proc/PID/cgroup, /run/systemd/sessions.
std::string session_of(const System& system, std::string_view process);

/// The lines about a session that session_of() looks at.
std::string session_lines(std::string_view session);

}  // namespace gpupass
