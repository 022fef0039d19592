// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/fact.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// One physical core and the logical CPUs (SMT siblings) that share it.
struct Core {
  CpuSet cpus;
  friend bool operator==(const Core&, const Core&) = default;
};

/// The cores below one last-level cache.
struct Cache {
  unsigned level = 0;
  std::uint64_t size_bytes = 0;
  CpuSet cpus;
  friend bool operator==(const Cache&, const Cache&) = default;
};

/// One physical package (socket).
struct Package {
  unsigned id = 0;  ///< The kernel's physical_package_id.
  CpuSet cpus;
  friend bool operator==(const Package&, const Package&) = default;
};

/// The CPUs that are online, as the kernel tells of them. Each list is in the order of its lowest CPU.
struct CpuTopology {
  CpuSet cpus;
  std::vector<Package> packages;  ///< Those that the kernel numbers: none on s390 and POWER7.
  std::vector<Cache> last_level_caches;
  std::vector<Core> cores;  ///< A CPU whose core the kernel does not tell is in none.
  friend bool operator==(const CpuTopology&, const CpuTopology&) = default;
};

/// The pool of huge pages of one size on one node.
struct HugePages {
  std::uint64_t page_size_bytes = 0;
  std::uint64_t total = 0;
  std::uint64_t free = 0;
  friend bool operator==(const HugePages&, const HugePages&) = default;
};

/// One NUMA node. It may have memory and no CPUs, or CPUs and no memory. Ids may be sparse.
struct NumaNode {
  unsigned id = 0;
  Fact<CpuSet> cpus;
  Fact<std::uint64_t> memory_bytes;
  Fact<std::uint64_t> free_bytes;
  std::vector<HugePages> huge_pages;      ///< Ascending page size.
  Fact<std::vector<unsigned>> distances;  ///< One value for each node of the host, in their order.
  friend bool operator==(const NumaNode&, const NumaNode&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
