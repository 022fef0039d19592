// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"

/// How far devices are from each other, as their traffic goes. Part of place().
namespace gpupass {

// Between nodes it is the firmware's distance of the nodes, which starts above all of these.
inline constexpr unsigned kDirectlyLinked = 1;
inline constexpr unsigned kSameSwitch = 2;
inline constexpr unsigned kSameRootPort = 3;  ///< Through several switches.
inline constexpr unsigned kSameRootComplex = 4;
inline constexpr unsigned kSameNode = 5;
inline constexpr unsigned kOtherNode = 254;  ///< At least as far as the firmware tells of any.
inline constexpr unsigned kUnknownDistance = 255;

using Distances = std::vector<std::vector<unsigned>>;

/// Between each two of these; kUnknownDistance from one that the host does not have, which is a nullptr.
Distances gpu_distances(const Host& host, const std::vector<const PciFunction*>& functions);

/// From one function to each of others, as in gpu_distances().
std::vector<unsigned> distances_from(const Host& host, const PciFunction& function,
                                     const std::vector<const PciFunction*>& others);

/// The way that a distance stands for.
Way way_of(unsigned distance);

/// How GPUs stand to each other of which no two are farther apart: "below one switch".
std::string distance_text(unsigned distance);

/// Between two nodes, by their ids; kUnknownDistance where the firmware does not tell.
unsigned node_distance(const Host& host, unsigned one, unsigned other);

}  // namespace gpupass
