// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "gpupass/policy.hpp"
#include "policy/place/gpu.hpp"
#include "policy/place/packing.hpp"
#include "policy/place/placement_of.hpp"
#include "policy/place/problem.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Order = std::vector<std::size_t>;

/// Many guests ask for GPUs by number: a name would mean another device on each host.
Problem problem_of_many(const Request& request) {
  check_request(request);
  if (!request.gpus.empty() || !request.devices.empty())
    throw Error(ErrorCode::Usage, request.name,
                fmt::format("cannot place {} among others: saw devices by name, expected a number of GPUs",
                            request.name));
  return problem_of(request, request.gpu_count.value_or(1));
}

std::vector<Problem> problems_of(const std::vector<Request>& requests) {
  std::vector<Problem> problems;
  std::ranges::transform(requests, std::back_inserter(problems), problem_of_many);
  return problems;
}

/// All together may reserve CPUs; what one of them keeps for the host no other takes.
std::vector<FreeResources> all_free_resources(const std::vector<Host>& hosts,
                                              const std::vector<Request>& requests) {
  Request any;
  any.name.clear();  // No guest of the hosts is one of them.
  for (const Request& request : requests) any.reserved_cpus |= request.reserved_cpus;
  std::vector<FreeResources> all_resources;
  for (const Host& host : hosts) all_resources.push_back(free_resources(host, any));
  return all_resources;
}

/// The host where the guest strands least; among equals the one with fewest free GPUs, then the first.
std::optional<std::size_t> best_host(Fleet& fleet, const Problem& problem) {
  std::optional<std::size_t> best;
  std::tuple<double, std::size_t, std::size_t> least;
  for (const std::size_t host : fleet.representatives()) {
    const auto more = fleet.stranding(host, problem);
    if (!more) continue;
    const std::tuple cost(*more, fleet.resources(host).gpus.size(), host);
    if (best && cost >= least) continue;
    best = host;
    least = cost;
  }
  return best;
}

/// "; 0000:28:00.0 shares ...": GPUs that are free and yet of no use.
std::string held_back(const Fleet& fleet) {
  std::string text;
  for (std::size_t host = 0; host < fleet.size(); ++host)
    if (const auto& mates = fleet.resources(host).mates_of_taken; !mates.empty())
      append_once(text, addresses_text(mates), ", ");
  return text.empty()
             ? ""
             : fmt::format("; in the IOMMU group of a GPU that is taken, and so with its guest: {}", text);
}

struct Result {
  std::vector<Packed> packed;
  std::size_t refusals = 0, useless = 0;
};

Result pack_in(const Order& order, const std::vector<FreeResources>& all_resources,
               const std::vector<Problem>& problems) {
  const Demand demand = demand_of(problems);
  Fleet fleet(all_resources, demand);
  Result result;
  result.packed.resize(problems.size());
  for (const std::size_t at : order) {
    Packed& packed = result.packed[at];
    packed.host = best_host(fleet, problems[at]);
    if (!packed.host) {
      packed.refusal = "none of the hosts has room for it beside the others" + held_back(fleet);
      ++result.refusals;
      continue;
    }
    const auto solution = solve(fleet.resources(*packed.host), problems[at]).best;
    packed.placement = placement_of(fleet.resources(*packed.host), *solution);
    fleet.take(*packed.host, *solution);
  }
  for (std::size_t host = 0; host < fleet.size(); ++host)
    result.useless += useless_gpus(fleet.resources(host), demand);
  return result;
}

}  // namespace

std::vector<Packed> pack(const std::vector<Host>& hosts, const std::vector<Request>& requests) {
  const std::vector<Problem> problems = problems_of(requests);
  const std::vector<FreeResources> all_resources = all_free_resources(hosts, requests);
  Order order(problems.size());
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](std::size_t at) {
    const GuestNeeds& guest_needs = problems[at].guest_needs;
    return std::tuple(problems[at].gpus, guest_needs.vcpus, guest_needs.memory.bytes);
  };
  std::ranges::stable_sort(order,
                           [&](std::size_t one, std::size_t other) { return size(one) > size(other); });
  Result best = pack_in(order, all_resources, problems);
  if (best.refusals == 0) return best.packed;
  // If not all fit, placing the small ones first serves more guests.
  std::ranges::stable_sort(order,
                           [&](std::size_t one, std::size_t other) { return size(one) < size(other); });
  Result other = pack_in(order, all_resources, problems);
  if (std::tie(other.refusals, other.useless) < std::tie(best.refusals, best.useless))
    best = std::move(other);
  return best.packed;
}

}  // namespace gpupass
