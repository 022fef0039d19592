// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/nearest_fit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <utility>

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

/// A guest of which that is not known is not named.
bool fits(Solver& solver, const Problem& problem) {
  return solver.fits(problem) == Answer::Yes;
}

bool fits_with(Solver& solver, const Problem& problem, std::uint64_t vcpus) {
  Problem other = problem;
  other.guest_needs.vcpus = static_cast<unsigned>(vcpus);
  return fits(solver, other);
}

std::optional<unsigned> other_vcpus(Solver& solver, const Problem& problem) {
  if (const auto fewer = fewer_vcpus(solver, problem)) return fewer;
  for (unsigned more = problem.guest_needs.vcpus + 1; more <= solver.resources().nodes.size(); ++more)
    if (fits_with(solver, problem, more)) return more;
  return std::nullopt;
}

/// In bytes; 0: none fits.
std::uint64_t less_memory(Solver& solver, const Problem& problem) {
  std::uint64_t most = 0;
  for (const unsigned shift : {30U, 21U, 20U}) {
    const std::uint64_t unit =
        std::max(std::uint64_t{1} << shift, problem.guest_needs.memory.page_size_bytes.value_or(0));
    const Fits fit = [&](std::uint64_t units) {
      Problem other = problem;
      other.guest_needs.memory.bytes = units * unit;
      return fits(solver, other);
    };
    // A node takes a unit at least; of finer units there may be more than of coarse ones.
    for (std::uint64_t least = std::max<std::uint64_t>(1, most / unit);
         least <= most / unit + solver.resources().nodes.size(); ++least)
      if (const auto less = largest(least, (problem.guest_needs.memory.bytes - 1) / unit, fit)) {
        most = std::max(most, *less * unit);
        break;
      }
  }
  return most;
}

std::optional<std::size_t> another_number(Solver& solver, const Problem& problem) {
  const std::size_t all = solver.resources().gpus.size();
  for (std::size_t apart = 1; apart <= std::max(problem.gpus, all); ++apart)
    for (const std::size_t count : {problem.gpus - apart, problem.gpus + apart}) {
      if (count == 0 || count > all) continue;  // A wrapped number is larger than the number of GPUs.
      Problem other = problem;
      other.gpus = count;
      if (fits(solver, other)) return count;
    }
  return std::nullopt;
}

/// Where GPUs are named, as many others.
std::vector<std::string> other_gpus(Solver& solver, const Problem& problem) {
  std::vector<std::string> names;
  if (const auto best = solver.solve(problem).best)
    for (const std::size_t gpu : best->gpus)
      names.push_back(solver.resources().gpus[gpu].address.to_string());
  return names;
}

FreeResources with_any_gpus(const Host& host, const Request& request, const Problem& problem) {
  Request free = request;
  free.gpus.clear();
  free.gpu_count = static_cast<unsigned>(problem.gpus);
  return free_resources(host, free);
}

/// Other GPUs instead of the named ones, else the nearest other number of them, the smaller one first.
std::optional<NearestFit> with_other_gpus(const Host& host, Request request, Solver& solver,
                                          const Problem& problem) {
  const bool named = !request.gpus.empty();
  const FreeResources any = named ? with_any_gpus(host, request, problem) : FreeResources();
  Solver solver_of_any(any);
  Solver& all = named ? solver_of_any : solver;
  if (named) request.gpus = other_gpus(all, problem);
  if (!request.gpus.empty())
    return NearestFit{fmt::format("with {} instead", fmt::join(request.gpus, ", ")), request};
  const auto count = another_number(all, problem);
  if (!count) return std::nullopt;
  request.gpu_count = static_cast<unsigned>(*count);
  return NearestFit{fmt::format("with {} {}", *count, *count == 1 ? "GPU" : "GPUs"), request};
}

/// With what the user left to gpupass.
Request in_numbers(Request request, const Problem& problem) {
  if (request.gpus.empty()) request.gpu_count = static_cast<unsigned>(problem.gpus);
  request.vcpus = problem.guest_needs.vcpus;
  request.memory_bytes = problem.guest_needs.memory.bytes;
  return request;
}

}  // namespace

std::optional<unsigned> fewer_vcpus(Solver& solver, const Problem& problem) {
  const FreeResources& resources = solver.resources();
  const std::uint64_t most = std::min<std::uint64_t>(problem.guest_needs.vcpus - 1, all_threads(resources));
  // Each node needs at least one, and no guest uses more nodes than it has GPUs and devices.
  for (std::uint64_t least = 1; least <= std::min<std::uint64_t>(most, resources.nodes.size()); ++least)
    if (const auto fewer =
            largest(least, most, [&](std::uint64_t vcpus) { return fits_with(solver, problem, vcpus); }))
      return static_cast<unsigned>(*fewer);
  return std::nullopt;
}

std::vector<NearestFit> nearest_fits(const Host& host, const Request& asked, Solver& solver,
                                     const Problem& problem) {
  std::vector<NearestFit> fits;
  if (!problem.guest_needs.cells.empty())
    return fits;  // What is asked of each node cannot be changed as one thing.
  const Request request = in_numbers(asked, problem);
  if (auto fit = with_other_gpus(host, request, solver, problem)) fits.push_back(*std::move(fit));
  if (const auto vcpus = other_vcpus(solver, problem))
    fits.emplace_back(NearestFit{fmt::format("with {} vCPUs", *vcpus), request}).request.vcpus = vcpus;
  if (const std::uint64_t bytes = less_memory(solver, problem); bytes != 0)
    fits.emplace_back(NearestFit{fmt::format("with {} of memory", format_size(bytes)), request})
        .request.memory_bytes = bytes;
  return fits;
}

}  // namespace gpupass
