// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/nearest_fit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "gpupass/units.hpp"

namespace gpupass {

namespace {

using Fits = std::function<bool(std::uint64_t)>;

/// The largest number in a range that fits, given that smaller ones fit better; nullopt: none.
std::optional<std::uint64_t> largest(std::uint64_t least, std::uint64_t most, const Fits& fits) {
  if (least > most || !fits(least)) return std::nullopt;
  while (least < most) {
    const std::uint64_t middle = least + (most - least + 1) / 2;
    if (fits(middle))
      least = middle;
    else
      most = middle - 1;
  }
  return least;
}

std::size_t all_threads(const FreeResources& resources) {
  std::size_t threads = 0;
  for (const FreeNode& node : resources.nodes) threads += threads_of(node, kAnyKind);
  return threads;
}

bool fits_with(const FreeResources& resources, const Problem& problem, std::uint64_t vcpus) {
  Problem other = problem;
  other.guest_needs.vcpus = static_cast<unsigned>(vcpus);
  return solve(resources, other).has_value();
}

std::string with_other_vcpus(const FreeResources& resources, const Problem& problem) {
  if (const auto fewer = fewer_vcpus(resources, problem)) return fmt::format("with {} vCPUs", *fewer);
  for (std::uint64_t more = problem.guest_needs.vcpus + 1; more <= resources.nodes.size(); ++more)
    if (fits_with(resources, problem, more)) return fmt::format("with {} vCPUs", more);
  return "";
}

std::string with_less_memory(const FreeResources& resources, const Problem& problem) {
  std::uint64_t most = 0;
  for (const unsigned shift : {30U, 21U, 20U}) {
    const std::uint64_t unit =
        std::max(std::uint64_t{1} << shift, problem.guest_needs.memory.page_size_bytes.value_or(0));
    const Fits fits = [&](std::uint64_t units) {
      Problem other = problem;
      other.guest_needs.memory.bytes = units * unit;
      return solve(resources, other).has_value();
    };
    // A node takes a unit at least; of finer units there may be more than of coarse ones.
    for (std::uint64_t least = std::max<std::uint64_t>(1, most / unit);
         least <= most / unit + resources.nodes.size(); ++least)
      if (const auto less = largest(least, (problem.guest_needs.memory.bytes - 1) / unit, fits)) {
        most = std::max(most, *less * unit);
        break;
      }
  }
  return most == 0 ? "" : fmt::format("with {} of memory", format_size(most));
}

std::string with_another_number(const FreeResources& resources, const Problem& problem) {
  for (std::size_t apart = 1; apart <= std::max(problem.gpus, resources.gpus.size()); ++apart)
    for (const std::size_t count : {problem.gpus - apart, problem.gpus + apart}) {
      if (count == 0 || count > resources.gpus.size())
        continue;  // A wrapped number is larger than the number of GPUs.
      Problem other = problem;
      other.gpus = count;
      if (solve(resources, other)) return fmt::format("with {} {}", count, count == 1 ? "GPU" : "GPUs");
    }
  return "";
}

/// Where GPUs are named, as many others; else the nearest other number of them, the smaller one first.
std::string with_other_gpus(const Host& host, const Request& request, const FreeResources& resources,
                            const Problem& problem) {
  if (request.gpus.empty()) return with_another_number(resources, problem);
  Request free = request;
  free.gpus.clear();
  free.gpu_count = static_cast<unsigned>(problem.gpus);
  const FreeResources all = free_resources(host, free);
  const auto solution = solve(all, problem);
  if (!solution) return with_another_number(all, problem);
  std::vector<std::string> names;
  for (const std::size_t gpu : solution->gpus) names.push_back(all.gpus[gpu].address.to_string());
  return fmt::format("with {} instead", fmt::join(names, ", "));
}

}  // namespace

std::optional<unsigned> fewer_vcpus(const FreeResources& resources, const Problem& problem) {
  const std::uint64_t most = std::min<std::uint64_t>(problem.guest_needs.vcpus - 1, all_threads(resources));
  // Each node needs at least one, and no guest uses more nodes than it has GPUs and devices.
  for (std::uint64_t least = 1; least <= std::min<std::uint64_t>(most, resources.nodes.size()); ++least)
    if (const auto fewer =
            largest(least, most, [&](std::uint64_t vcpus) { return fits_with(resources, problem, vcpus); }))
      return static_cast<unsigned>(*fewer);
  return std::nullopt;
}

std::string nearest_fits(const Host& host, const Request& request, const FreeResources& resources,
                         const Problem& problem) {
  if (!problem.guest_needs.cells.empty())
    return "";  // What is asked of each node cannot be changed as one thing.
  std::vector<std::string> ways = {with_other_gpus(host, request, resources, problem),
                                   with_other_vcpus(resources, problem),
                                   with_less_memory(resources, problem)};
  std::erase(ways, "");
  return ways.empty() ? "" : fmt::format("it fits {}", fmt::join(ways, ", or "));
}

}  // namespace gpupass
