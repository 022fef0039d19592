// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "policy/place/spare.hpp"

/// Many guests at once, and the hosts for them. Part of pack().
namespace gpupass {

/// One of many guests.
struct Guest {
  Problem problem;
  Amounts needs;
  std::size_t kind = 0;  ///< The same for guests that want the same.
  bool possible = true;  ///< false: it fits on none of the hosts, even where nobody else is on it.
  bool wide = false;     ///< It fits on no node alone.
};

/// For each host a number, the same for hosts that serve every guest alike.
std::vector<std::size_t> shapes_of(const std::vector<FreeResources>& hosts);

std::vector<Guest> guests_of(const std::vector<Problem>& problems, const std::vector<FreeResources>& hosts,
                             const std::vector<std::size_t>& shapes);

/// How much of the guests is placed. One GPU outweighs all guests.
struct Score {
  std::uint64_t gpus = 0;
  std::size_t guests = 0;
  friend auto operator<=>(const Score&, const Score&) = default;
};

/// No packing places more GPUs, and none places more guests. One packing need not reach both.
Score most_packed(const std::vector<FreeResources>& hosts, const std::vector<Guest>& guests);

}  // namespace gpupass
