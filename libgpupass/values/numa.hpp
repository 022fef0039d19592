// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gpupass/host.hpp"

namespace gpupass {

/// @returns nullptr when the host has no such node, or its nodes are not known.
const NumaNode* find_node(const Host& host, unsigned id);

/// How far two NUMA nodes are from each other, as the firmware tells it: 10 is a node's own memory. nullopt:
/// it does not tell, or the host has no such node.
std::optional<unsigned> distance_of_nodes(const Host& host, unsigned from, unsigned to);

}  // namespace gpupass
