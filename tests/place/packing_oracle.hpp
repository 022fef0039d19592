// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

/// Small lists of guests for few hosts, and how much of one any packing could place. It knows nothing of the
/// library.
namespace packing {

struct Node {
  unsigned gpus = 0, cores = 0;
  std::uint64_t bytes = 0;  ///< Free memory.
};

struct Host {
  std::vector<Node> nodes;
  unsigned threads = 1;  ///< Of each core.
};

struct Guest {
  unsigned gpus = 0, vcpus = 0;
  std::uint64_t bytes = 0;
};

struct Most {
  unsigned gpus = 0, guests = 0;
  friend auto operator<=>(const Most&, const Most&) = default;
};

/// Of all ways to refuse each guest, or to put it on a node, or to divide its GPUs and vCPUs over two nodes
/// of a host, the one with most GPUs; among equals with most guests. Memory that is divided has to suffice
/// for each half in any case.
Most most_placed(std::vector<Host> hosts, const std::vector<Guest>& guests);

}  // namespace packing
