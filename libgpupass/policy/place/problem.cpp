// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/problem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

constexpr unsigned kVcpusForEachGpu = 4;
constexpr std::uint64_t kMemoryForEachGpu = std::uint64_t{8} << 30;
constexpr std::uint64_t kMostVcpus = 4096;  // More than QEMU starts.

[[noreturn]] void useless(const Request& request, const std::string& seen, const std::string& expected) {
  throw Error(ErrorCode::Usage, request.name,
              fmt::format("cannot place {}: saw {}, expected {}", request.name, seen, expected));
}

void check_vcpus(const Request& request, std::uint64_t vcpus) {
  if (vcpus > kMostVcpus)
    useless(request, fmt::format("{} vCPUs", vcpus), fmt::format("at most {}", kMostVcpus));
}

/// The user's own split: its sums are the guest's.
void add_cells(const Request& request, Problem& problem) {
  problem.guest_needs.cells = request.cells;
  std::ranges::sort(problem.guest_needs.cells, {}, &CellRequest::node);
  const auto same_node = [](const CellRequest& one, const CellRequest& other) {
    return one.node == other.node;
  };
  if (std::ranges::adjacent_find(problem.guest_needs.cells, same_node) != problem.guest_needs.cells.end())
    useless(request, "two cells on one node", "one for each node");
  std::uint64_t vcpus = 0, memory = 0;
  for (const CellRequest& cell : request.cells) {
    MemoryRequest part = problem.guest_needs.memory;
    part.bytes = cell.memory_bytes;
    check_memory(part);
    if (cell.vcpus == 0) useless(request, fmt::format("no vCPUs for node {}", cell.node), "at least 1");
    vcpus += cell.vcpus;
    memory += std::min(cell.memory_bytes, UINT64_MAX - memory);
  }
  check_vcpus(request, vcpus);
  if (request.vcpus.value_or(vcpus) != vcpus)
    useless(request, fmt::format("{} vCPUs in the cells", vcpus), fmt::format("{}", *request.vcpus));
  if (request.memory_bytes.value_or(memory) != memory)
    useless(request, fmt::format("{} bytes of memory in the cells", memory),
            fmt::format("{}", *request.memory_bytes));
  problem.guest_needs.vcpus = static_cast<unsigned>(vcpus);
  problem.guest_needs.memory.bytes = memory;
  check_memory(problem.guest_needs.memory);
}

}  // namespace

void check_request(const Request& request) {
  const bool no_gpus = request.gpus.empty() && request.gpu_count == 0u;
  if (no_gpus || request.vcpus == 0u)
    useless(request, fmt::format("a request for 0 {}", no_gpus ? "GPUs" : "vCPUs"), "at least 1");
}

Problem problem_of(const Request& request, std::size_t gpus) {
  const auto each = static_cast<unsigned>(gpus);
  Problem problem;
  problem.gpus = gpus;
  problem.numa = request.numa.value_or(NumaPolicy::Required);
  problem.guest_needs.vcpus = request.vcpus.value_or(kVcpusForEachGpu * each);
  problem.guest_needs.memory = {request.name, request.memory_bytes.value_or(kMemoryForEachGpu * each),
                                request.page_size_bytes};
  if (request.cells.empty()) {
    check_vcpus(request, problem.guest_needs.vcpus);
    check_memory(problem.guest_needs.memory);
  } else {
    add_cells(request, problem);
  }
  return problem;
}

}  // namespace gpupass
