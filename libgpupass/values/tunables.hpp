// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/tuning.hpp"

/// Where the tunables of a host are.
namespace gpupass {

inline constexpr const char* kOnlineCpus = "/sys/devices/system/cpu/online";

/// Those of systemd's units that hold whatever is no guest.
inline constexpr std::string_view kServiceUnits[] = {"init.scope", "system.slice", "user.slice"};

/// The file that tells the value; all but that of services take a new one, too.
/// "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor".
std::string path_of(const Tunable& tunable);

/// What a set of CPUs means for a unit of systemd: the empty text where it has all that are online. A group
/// with processes cannot lose its set again, and one of all CPUs is the same to it.
std::string allowed_cpus(const std::string& set, const std::string& online);

/// "the governor of policy0".
std::string name_of(const Tunable& tunable);

/// Whether there can be a tunable of this name, and it can have this value.
bool can_be(const Tunable& tunable, std::string_view value);

}  // namespace gpupass
