// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <random>
#include <vector>

#include "policy/place/solve.hpp"

/// Hosts of 1 to 64 GPUs and 1 to 64 nodes, with what is free on them.
namespace gpupass {

/// A host as the oracle knows it: it does not have to find the structure in a table of distances.
struct RandomHost {
  FreeResources resources;
  std::vector<std::vector<std::size_t>> packages;  ///< The nodes of each.
  std::vector<std::vector<std::size_t>> switches;  ///< The GPUs of each; all on one node.
  unsigned in_package = 0, across = 0;             ///< Distances between nodes.
  unsigned between_switches = 0;                   ///< Of one node.
  unsigned threads = 0;                            ///< Of each core.
};

RandomHost random_host(std::mt19937_64& random);
Problem random_problem(std::mt19937_64& random, const RandomHost& host);

}  // namespace gpupass
