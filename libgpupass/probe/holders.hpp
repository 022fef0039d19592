// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The processes that have a /dev/vfio node open. Absent: this is a captured machine without processes.
/// Unknown when the open files of any process are hidden from us: it may be the one. Reads: /proc/PID/fd,
/// /proc/PID/comm.
Fact<std::vector<Holder>> read_holders(const System& system, Limits& limits);

/// The group of an open file's link: 12 of "/dev/vfio/12".
std::optional<std::uint32_t> vfio_group(std::string_view target);

/// The number of a process, by the name of its folder in /proc.
std::optional<int> process_id(std::string_view name);

}  // namespace gpupass
