// SPDX-License-Identifier: LGPL-2.1-or-later
//
// packing_compare FIRST COUNT: packs COUNT random lists of up to 7 guests onto up to 3 hosts, and compares
// what gets a place with the most that an oracle finds. Fails where the packing gives more than there is, or
// more than is said to be possible; and where two of a hundred are not as good as they could be.
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <set>

#include "packing_oracle.hpp"
#include "policy/place/packer.hpp"
#include "values/sizes.hpp"

namespace {

using namespace gpupass;

constexpr std::size_t kSteps = 20000;

struct Case {
  std::vector<packing::Host> hosts;
  std::vector<packing::Guest> guests;
};

/// Either the memory is short and each guest has one GPU, or guests may be divided.
Case random_case(unsigned seed) {
  std::mt19937_64 random(seed);
  const auto number = [&](unsigned least, unsigned most) {
    return least + static_cast<unsigned>(random() % (most - least + 1));
  };
  const bool short_of_memory = number(0, 1) == 0;
  Case made;
  for (unsigned host = number(1, 3); host > 0; --host) {
    packing::Host& one = made.hosts.emplace_back();
    one.threads = number(1, 2);
    for (unsigned node = number(1, 2); node > 0; --node)
      one.nodes.push_back({number(0, 4), number(2, 8), (short_of_memory ? number(8, 32) : 1024) * kGiB});
  }
  for (unsigned guest = number(2, 7); guest > 0; --guest) {
    const unsigned gpus = short_of_memory ? 1 : number(1, 6);
    made.guests.push_back({gpus, number(gpus, 3 * gpus + 3), number(1, 16) * kGiB});
  }
  return made;
}

FreeResources resources_of(const packing::Host& host) {
  FreeResources resources;
  unsigned cpu = 0;
  for (unsigned id = 0; id < host.nodes.size(); ++id) {
    const packing::Node& from = host.nodes[id];
    FreeNode node;
    node.node.id = id;
    node.node.free_bytes = from.bytes;
    node.packages = CpuSet{id};
    node.host_cpus = CpuSet{60000};
    node.caches.emplace_back();
    for (unsigned core = 0; core < from.cores; ++core, cpu += host.threads)
      node.caches.back().push_back({host.threads == 2 ? CpuSet{cpu, cpu + 1} : CpuSet{cpu}});
    for (unsigned gpu = 0; gpu < from.gpus; ++gpu)
      resources.gpus.push_back({{id, static_cast<std::uint8_t>(gpu), 0, 0}, id});
    resources.nodes.push_back(std::move(node));
  }
  for (const FreeNode& one : resources.nodes) {
    auto& row = resources.node_distances.emplace_back();
    for (const FreeNode& other : resources.nodes) row.push_back(one.node.id == other.node.id ? 10 : 21);
  }
  for (const FreeDevice& one : resources.gpus) {
    auto& row = resources.distances.emplace_back();
    for (const FreeDevice& other : resources.gpus)
      row.push_back(one.address == other.address ? 0 : one.node == other.node ? 10 : 40);
  }
  return resources;
}

Problem problem_of(const packing::Guest& guest) {
  Problem problem;
  problem.gpus = guest.gpus;
  problem.guest_needs = {guest.vcpus, {"guest", guest.bytes, {}}, {}};
  return problem;
}

/// Nothing is given twice, and nothing that the host does not have.
bool is_sound(const Stock& stock, const packing::Host& host) {
  std::set<DeviceId> gpus;
  std::size_t count = 0;
  CpuSet cpus;
  std::vector<std::uint64_t> bytes(host.nodes.size());
  for (const auto& [guest, placement] : stock.placed) {
    gpus.insert(placement->gpus.begin(), placement->gpus.end());
    count += placement->gpus.size();
    for (const Cell& cell : placement->cells) {
      if (cpus.intersects(cell.cpus)) return false;
      cpus |= cell.cpus;
      bytes[cell.node] += cell.memory_bytes;
    }
  }
  for (std::size_t node = 0; node < bytes.size(); ++node)
    if (bytes[node] > host.nodes[node].bytes) return false;
  return gpus.size() == count && stock.counted.empty();
}

struct Counts {
  unsigned lists = 0, all_placed = 0, equal = 0, worse = 0, bound_reached = 0, wrong = 0;
};

void compare(unsigned seed, Counts& counts) {
  const Case made = random_case(seed);
  std::vector<FreeResources> hosts;
  std::vector<Problem> problems;
  for (const packing::Host& host : made.hosts) hosts.push_back(resources_of(host));
  for (const packing::Guest& guest : made.guests) problems.push_back(problem_of(guest));
  const std::vector<std::size_t> shapes = shapes_of(hosts);
  const std::vector<Guest> guests = guests_of(problems, hosts, shapes);
  const Score bound = most_packed(hosts, guests);
  std::size_t steps = kSteps;
  Packer packer(Fleet(hosts, shapes, guests), guests, bound, [&](const Score&) { return steps-- > 0; });
  const Fleet& fleet = packer.run();
  const auto [gpus, placed] = packing::most_placed(made.hosts, made.guests);
  const Score best{gpus, placed}, ours = fleet.score();

  bool wrong = ours > best || best.gpus > bound.gpus || best.guests > bound.guests;
  for (std::size_t host = 0; host < fleet.size(); ++host)
    wrong = wrong || !is_sound(fleet.at(host), made.hosts[host]);
  ++counts.lists;
  if (ours.guests == guests.size()) ++counts.all_placed;
  if (ours == best) ++counts.equal;
  if (ours < best) ++counts.worse;
  if (best.gpus == bound.gpus) ++counts.bound_reached;
  if (wrong) ++counts.wrong;
  if (ours != best || wrong)
    fmt::print("seed {}: {} GPUs, {} guests; the oracle {}, {}; at most {}, {}{}\n", seed, ours.gpus,
               ours.guests, best.gpus, best.guests, bound.gpus, bound.guests, wrong ? ": WRONG" : "");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: packing_compare FIRST COUNT\n");
    return 2;
  }
  const auto first = static_cast<unsigned>(std::atoi(arguments[1])),
             lists = static_cast<unsigned>(std::atoi(arguments[2]));
  Counts counts;
  for (unsigned seed = first; seed < first + lists; ++seed) compare(seed, counts);
  fmt::print(
      "{} lists, {} placed whole; {} as good as can be, {} worse, {} wrong; the bound is reached by {}\n",
      counts.lists, counts.all_placed, counts.equal, counts.worse, counts.wrong, counts.bound_reached);
  return counts.wrong == 0 && 50 * counts.worse <= counts.lists ? 0 : 1;
}
