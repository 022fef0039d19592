// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "values/round_up.hpp"

namespace gpupass {

/// The addresses of all that hangs from one root bus, as UEFI lays them out: what needs the largest alignment
/// comes first (CalculateResourceAperture() of edk2's PciBusDxe).
class RootPart {
 public:
  void add(std::uint64_t bytes, std::uint64_t alignment) { blocks_.emplace_back(alignment, bytes); }

  std::uint64_t alignment() const { return blocks_.empty() ? 1 : std::ranges::max(blocks_).first; }
  std::uint64_t bytes() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks = blocks_;
    std::ranges::sort(blocks, std::greater());
    std::uint64_t end = 0;
    for (const auto& [alignment, bytes] : blocks) end = round_up(end, alignment) + bytes;
    return end;
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks_;  // Alignment and size of each.
};

}  // namespace gpupass
