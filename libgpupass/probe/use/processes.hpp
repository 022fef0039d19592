// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// A device node.
struct Node {
  std::string
      name;  ///< "/dev/dri/renderD128": the kernel's name, or, where its number is not known, its path.
  std::optional<PciAddress> function = {};  ///< It is the node of this one. nullopt: its name tells.
  friend auto operator<=>(const Node&, const Node&) = default;
};

/// A process, and the device nodes that it has open or mapped.
struct Process {
  int pid = 0;
  std::set<Node> nodes;
};

struct Processes {
  std::vector<Process> all;  ///< Those that can be inspected.
  unsigned hidden = 0;       ///< So many cannot.
};

enum class Mappings { No, Yes };
/// Of all mount and process namespaces below ours. Reads: /proc/PID/fd, and with mappings /proc/PID/maps.
Processes read_processes(const System& system, Mappings mappings);

/// Where sysfs has a link to the device of a number, as System::device_number() gives it.
std::string link_of_number(std::string_view number);
/// The node that such a link leads to, if it may be about a GPU or a disk. A path in a container, or of a
/// node that was removed, says nothing of the device; its number does.
std::optional<Node> node_of_device(std::string_view target);

/// "/dev/dri/renderD128" of a link of an open file, or of a line of /proc/PID/maps. Empty: it is no device
/// node.
std::string_view device_node(std::string_view text);

/// The group of an open file's link: 12 of "/dev/vfio/12".
std::optional<std::uint32_t> vfio_group(std::string_view target);

/// The number of a process, by the name of its folder in /proc.
std::optional<int> process_id(std::string_view name);

}  // namespace gpupass
