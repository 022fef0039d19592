// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace gpupass {

/// Huge pages of one size that one NUMA node has in reserve.
struct NodePages {
  unsigned node = 0;
  std::uint64_t page_size_bytes = 0;
  std::uint64_t count = 0;
  friend bool operator==(const NodePages&, const NodePages&) = default;
};

/// What every boot of a host does for guests with GPUs, beside the binding of GPUs.
struct Preparation {
  std::vector<std::string> kernel_options;  ///< Behind those of the user, in this order.
  std::vector<std::string> modules;         ///< Loaded early. Ascending.
  std::vector<NodePages> pages;             ///< Ascending by node, then by size.
  friend bool operator==(const Preparation&, const Preparation&) = default;
};

/// Guests for which a host is prepared, all alike.
struct WantedGuests {
  unsigned count = 1;
  unsigned gpus = 1;               ///< Of each.
  std::uint64_t memory_bytes = 0;  ///< Of each.
  std::uint64_t page_size_bytes =
      0;  ///< 0: 1 GiB where the host has such pages and the memory is a multiple.
  friend bool operator==(const WantedGuests&, const WantedGuests&) = default;
};

/// Whether the memory of the present boot is left as it is.
enum class PagesNow { Leave, Reserve };

/// What a host is to be prepared for.
struct PrepareRequest {
  /// Findings of check() that are to be mended, and nothing else. Empty: all that preparation can mend, and
  /// what guests with GPUs need.
  std::vector<std::string> fix = {};
  std::optional<WantedGuests> guests = {};  ///< nullopt: the pages stay as they are.
  PagesNow pages_now = PagesNow::Reserve;
};

}  // namespace gpupass
#pragma GCC visibility pop
