// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// A process, and the device nodes that it has open or mapped.
struct Process {
  int pid = 0;
  std::set<std::string> nodes;  ///< "/dev/dri/renderD128", as its links name them.
};

struct Processes {
  std::vector<Process> all;  ///< Those that can be inspected.
  unsigned hidden = 0;       ///< So many cannot.
};

enum class Mappings { No, Yes };
/// Of all mount and process namespaces below ours. Reads: /proc/PID/fd, and with mappings /proc/PID/maps.
Processes read_processes(const System& system, Mappings mappings);

/// "/dev/dri/renderD128" of a link of an open file, or of a line of /proc/PID/maps. Empty: it is no device
/// node.
std::string_view device_node(std::string_view text);

/// The group of an open file's link: 12 of "/dev/vfio/12".
std::optional<std::uint32_t> vfio_group(std::string_view target);

/// The number of a process, by the name of its folder in /proc.
std::optional<int> process_id(std::string_view name);

}  // namespace gpupass
