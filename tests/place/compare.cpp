// SPDX-License-Identifier: LGPL-2.1-or-later
//
// place_compare FIRST COUNT: places a guest on each of COUNT random hosts of 1 to 64 GPUs and 1 to 64 nodes,
// and compares what it costs with the least cost that an oracle finds. Fails where one of the two refuses
// what the other places, and where a placement that is said to be the best is not.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <map>

#include "oracle.hpp"

namespace {

using namespace gpupass;

struct Counts {
  unsigned hosts = 0, placed = 0, refused = 0, equal = 0, not_proven = 0, not_known = 0, wrong = 0;
  double slowest = 0, seconds = 0;
};

std::string text(const std::optional<PlainCost>& cost) {
  return cost ? fmt::format("{}", fmt::join(*cost, " ")) : "refused";
}

void compare(unsigned seed, std::map<std::string, Counts>& table) {
  std::mt19937_64 random(seed);
  const RandomHost host = random_host(random);
  const Problem problem = random_problem(random, host);
  const auto start = std::chrono::steady_clock::now();
  const Solved solved = solve(host.resources, problem);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto best = least_cost(host, problem);
  const std::optional<PlainCost> found = solved.best ? std::optional(plain(solved.best->cost)) : std::nullopt;

  const std::size_t gpus = host.resources.gpus.size();
  Counts& counts = table[gpus <= 8    ? "GPUs  1..8"
                         : gpus <= 16 ? "GPUs  9..16"
                         : gpus <= 32 ? "GPUs 17..32"
                                      : "GPUs 33..64"];
  ++counts.hosts;
  counts.seconds += seconds;
  counts.slowest = std::max(counts.slowest, seconds);
  ++(best ? counts.placed : counts.refused);
  if (found == best) ++counts.equal;
  if (!solved.proven) ++(found ? counts.not_proven : counts.not_known);
  const bool wrong = found != best && (solved.proven || !best || (found && *found < *best));
  if (wrong) ++counts.wrong;
  if (found != best)
    fmt::print("seed {}: {} of {} GPUs, {} nodes, {} vCPUs, {}: {}{}; the oracle {}\n", seed, problem.gpus,
               gpus, host.resources.nodes.size(), problem.guest_needs.vcpus, to_string(problem.numa),
               text(found), solved.proven ? "" : " (not proven)", text(best));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: place_compare FIRST COUNT\n");
    return 2;
  }
  const auto first = static_cast<unsigned>(std::atoi(arguments[1])),
             hosts = static_cast<unsigned>(std::atoi(arguments[2]));
  std::map<std::string, Counts> table;
  for (unsigned seed = first; seed < first + hosts; ++seed) compare(seed, table);
  fmt::print("{:12} {:>6} {:>7} {:>8} {:>7} {:>11} {:>10} {:>6} {:>9} {:>9}\n", "", "hosts", "placed",
             "refused", "equal", "not proven", "not known", "wrong", "mean ms", "most ms");
  unsigned wrong = 0;
  for (const auto& [name, counts] : table) {
    fmt::print("{:12} {:6} {:7} {:8} {:7} {:11} {:10} {:6} {:9.2f} {:9.1f}\n", name, counts.hosts,
               counts.placed, counts.refused, counts.equal, counts.not_proven, counts.not_known, counts.wrong,
               1000 * counts.seconds / counts.hosts, 1000 * counts.slowest);
    wrong += counts.wrong;
  }
  return wrong == 0 ? 0 : 1;
}
