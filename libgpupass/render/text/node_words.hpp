// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "render/text/topology_tree.hpp"

namespace gpupass {

/// "node 0: CPUs 0-7, memory 64 GiB": a node with its CPUs, its memory and its huge pages.
std::string node_words(const TopologyNode& node);

}  // namespace gpupass
