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

namespace gpupass {

namespace {

using Order = std::vector<std::size_t>;

/// Many at once are asked for by number: a name would mean another device on each host.
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
std::vector<Stock> stocks_of(const std::vector<Host>& hosts, const std::vector<Request>& requests) {
  Request any;
  any.name.clear();  // No guest of the hosts is one of them.
  for (const Request& request : requests) any.reserved_cpus |= request.reserved_cpus;
  std::vector<Stock> stocks;
  for (const Host& host : hosts) stocks.push_back(stock_of(host, any));
  return stocks;
}

/// The host where the guest strands least; among equals the one with fewest free GPUs, then the first.
std::optional<std::size_t> best_host(Fleet& fleet, const Problem& problem) {
  std::optional<std::size_t> best;
  std::tuple<double, std::size_t, std::size_t> least;
  for (const std::size_t host : fleet.representatives()) {
    const auto more = fleet.stranding(host, problem);
    if (!more) continue;
    const std::tuple cost(*more, fleet.stock(host).gpus.size(), host);
    if (best && cost >= least) continue;
    best = host;
    least = cost;
  }
  return best;
}

struct Result {
  std::vector<Packed> packed;
  std::size_t refusals = 0, useless = 0;
};

Result pack_in(const Order& order, const std::vector<Stock>& stocks, const std::vector<Problem>& problems) {
  const Demand demand = demand_of(problems);
  Fleet fleet(stocks, demand);
  Result result;
  result.packed.resize(problems.size());
  for (const std::size_t at : order) {
    Packed& packed = result.packed[at];
    packed.host = best_host(fleet, problems[at]);
    if (!packed.host) {
      packed.refusal = "none of the hosts has room for it beside the others";
      ++result.refusals;
      continue;
    }
    const auto solution = solve(fleet.stock(*packed.host), problems[at]);
    packed.placement = placement_of(fleet.stock(*packed.host), *solution);
    fleet.take(*packed.host, *solution);
  }
  for (std::size_t host = 0; host < fleet.size(); ++host)
    result.useless += useless_gpus(fleet.stock(host), demand);
  return result;
}

}  // namespace

std::vector<Packed> pack(const std::vector<Host>& hosts, const std::vector<Request>& requests) {
  const std::vector<Problem> problems = problems_of(requests);
  const std::vector<Stock> stocks = stocks_of(hosts, requests);
  Order order(problems.size());
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](std::size_t at) {
    const Wish& wish = problems[at].wish;
    return std::tuple(problems[at].gpus, wish.vcpus, wish.memory.bytes);
  };
  std::ranges::stable_sort(order,
                           [&](std::size_t one, std::size_t other) { return size(one) > size(other); });
  Result best = pack_in(order, stocks, problems);
  if (best.refusals == 0) return best.packed;
  // There is not enough for all: the small ones first are more of them.
  std::ranges::stable_sort(order,
                           [&](std::size_t one, std::size_t other) { return size(one) < size(other); });
  Result other = pack_in(order, stocks, problems);
  if (std::tie(other.refusals, other.useless) < std::tie(best.refusals, best.useless))
    best = std::move(other);
  return best.packed;
}

}  // namespace gpupass
