// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <type_traits>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/large_host.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::pack_test {
namespace {

using testing::HasSubstr;

Request request(const std::string& name, unsigned gpus, unsigned vcpus) {
  Request result;
  result.name = name;
  result.gpu_count = gpus;
  result.vcpus = vcpus;
  result.memory_bytes = gpus * 4 * kGiB;
  return result;
}

std::size_t refusals(const Packing& packing) {
  return static_cast<std::size_t>(
      std::ranges::count_if(packing.guests, [](const Packed& one) { return !one.host; }));
}

template <typename Key>
std::uint64_t of(const std::map<Key, std::uint64_t>& sums, const std::type_identity_t<Key>& key) {
  const auto found = sums.find(key);
  return found == sums.end() ? 0 : found->second;
}

/// What all guests take of one host.
struct Taken {
  std::vector<DeviceId> gpus;
  CpuSet cpus, kept;
  std::map<unsigned, std::uint64_t> memory;                           // Ordinary, by node.
  std::map<std::pair<unsigned, std::uint64_t>, std::uint64_t> pages;  // By node and size.

  void add(const Placement& placement) {
    for (const DeviceId gpu : placement.gpus) {
      EXPECT_EQ(std::ranges::count(gpus, gpu), 0) << gpu.to_string();
      gpus.push_back(gpu);
    }
    for (const Cell& cell : placement.cells) {
      EXPECT_FALSE(cpus.intersects(cell.cpus)) << cell.cpus.to_string();
      cpus |= cell.cpus;
      if (cell.page_size_bytes == 4096)
        memory[cell.node] += cell.memory_bytes;
      else
        pages[{cell.node, cell.page_size_bytes}] += cell.memory_bytes / cell.page_size_bytes;
    }
    kept |= placement.emulator_cpus;
  }

  void expect_within(const Host& host) const {
    EXPECT_FALSE(cpus.intersects(kept));
    for (const NumaNode& node : *host.numa_nodes) {
      EXPECT_LE(of(memory, node.id), *node.free_bytes);
      for (const HugePages& pool : node.huge_pages)
        EXPECT_LE(of(pages, {node.id, pool.page_size_bytes}), pool.free);
    }
  }
};

/// Nothing is given twice, what is kept for the host is given to nobody, each guest has what it asked for,
/// and the sums are right.
void expect_sound(const std::vector<Host>& hosts, const std::vector<Request>& requests,
                  const Packing& packing) {
  ASSERT_EQ(packing.guests.size(), requests.size());
  std::map<std::size_t, Taken> taken;
  std::uint64_t gpus = 0;
  for (std::size_t at = 0; at < requests.size(); ++at) {
    const Packed& one = packing.guests[at];
    EXPECT_EQ(one.refusal.empty(), one.host.has_value());
    if (!one.host) continue;
    EXPECT_EQ(one.placement.gpus.size(), *requests[at].gpu_count);
    EXPECT_EQ(one.placement.vcpu_pins.size(), *requests[at].vcpus);
    gpus += one.placement.gpus.size();
    taken[*one.host].add(one.placement);
  }
  for (const auto& [host, sums] : taken) sums.expect_within(hosts[host]);
  EXPECT_EQ(packing.gpus, gpus);
  EXPECT_LE(packing.gpus, packing.most_gpus);
  EXPECT_LE(requests.size() - refusals(packing), packing.most_guests);
}

/// Cuts each node of 4 GPUs, 10 free cores and 64 GiB into guests that leave a tenth of the memory.
std::vector<Request> cut_out(std::size_t nodes) {
  std::mt19937_64 random(1);
  std::vector<Request> requests;
  for (std::size_t node = 0; node < nodes; ++node) {
    unsigned gpus = 4, cores = 10, memory = 56;
    while (gpus > 0) {
      const unsigned part = 1 + static_cast<unsigned>(random() % gpus);
      const bool last = part == gpus;
      const unsigned of_cores = last ? cores : 1 + static_cast<unsigned>(random() % (cores + part - gpus));
      const unsigned of_memory = last ? memory : 1 + static_cast<unsigned>(random() % (memory + part - gpus));
      requests.push_back(request("g" + std::to_string(requests.size()), part, 2 * of_cores));
      requests.back().memory_bytes = of_memory * kGiB;
      gpus -= part;
      cores -= of_cores;
      memory -= of_memory;
    }
  }
  std::ranges::sort(requests, {}, &Request::memory_bytes);
  return requests;
}

std::vector<Host> equal_hosts(std::size_t count) {
  return std::vector<Host>(
      count, large_host({.nodes = 2, .in_package = 1, .cores_on_each = 11, .gpus = 8, .on_each = 4}));
}

TEST(Pack, GivesNothingTwice) {
  const std::vector<Host> hosts = {two_sockets(), two_sockets()};
  for (const unsigned vcpus : {2u, 6u, 14u}) {
    std::vector<Request> requests;
    for (unsigned at = 0; at < 6; ++at)
      requests.push_back(request("g" + std::to_string(at), 1 + at % 2, vcpus));
    const auto packing = pack(hosts, requests);
    expect_sound(hosts, requests, packing);
    EXPECT_EQ(pack(hosts, requests), packing) << "the same again";
  }
}

TEST(Pack, PutsOneGuestWherePlaceDoes) {
  for (const unsigned gpus : {1u, 2u}) {
    const auto packing = pack({two_sockets()}, {request("guest", gpus, 8)});
    Placement expected = place(two_sockets(), request("guest", gpus, 8));
    expected.reasons.clear();
    EXPECT_EQ(packing.guests[0].placement, expected);
  }
}

TEST(Pack, LeavesRoomForTheLargeOnes) {
  // In the order in which they come, each small one would break into a host of its own.
  const std::vector<Request> requests = {request("s1", 1, 4), request("s2", 1, 4), request("l1", 2, 20)};
  const std::vector<Host> hosts = {two_sockets(), two_sockets()};
  const auto packing = pack(hosts, requests);
  EXPECT_EQ(refusals(packing), 0u);
  EXPECT_EQ(packing.guests[0].host, packing.guests[1].host);
}

TEST(Pack, RefusesTheLargeOneWhereThatIsFewerRefusals) {
  const std::vector<Request> requests = {request("large", 2, 8), request("s1", 1, 4), request("s2", 1, 4)};
  const auto packing = pack({two_sockets()}, requests);
  EXPECT_EQ(refusals(packing), 1u);
  EXPECT_FALSE(packing.guests[0].host);
}

TEST(Pack, CountsGpusBeforeGuests) {
  // One of the small ones fits beside the large one, if it comes first: else its node is taken up as the GPUs
  // are.
  const std::vector<Host> hosts = equal_hosts(1);
  std::vector<Request> requests = {request("large", 7, 26)};
  for (const char* name : {"s1", "s2", "s3"}) requests.push_back(request(name, 1, 12));
  const auto packing = pack(hosts, requests);
  expect_sound(hosts, requests, packing);
  EXPECT_TRUE(packing.guests[0].host);
  EXPECT_EQ(packing.gpus, 8u);
  EXPECT_EQ(refusals(packing), 2u);
}

TEST(Pack, KeepsAGuestOffTheGpuThatItsNeighboursStarve) {
  Host crowded = two_sockets();
  crowded.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("9-14,25-30"))};
  const auto packing = pack({two_sockets(), crowded}, {request("big", 1, 14), request("tiny", 1, 2)});
  EXPECT_EQ(packing.guests[1].host, 1u) << "one core is free beside that GPU, which serves no other";
  EXPECT_EQ(packing.guests[1].placement.cells[0].node, 1u);
}

TEST(Pack, FindsPlacesForAListThatIsCutOutOfTheHosts) {
  const std::vector<Host> hosts = equal_hosts(4);
  const std::vector<Request> requests = cut_out(2 * hosts.size());
  const auto packing = pack(hosts, requests);
  expect_sound(hosts, requests, packing);
  EXPECT_EQ(packing.gpus, 32u);
  EXPECT_EQ(refusals(packing), 0u);
}

TEST(Pack, IsNoWorseTheLongerItSearches) {
  const std::vector<Host> hosts = equal_hosts(2);
  std::vector<Request> requests = cut_out(6);
  std::uint64_t before = 0;
  for (const std::size_t steps : {0u, 3u, 20u, 100u, 1000u}) {
    std::size_t left = steps;
    std::uint64_t shown = 0;
    const auto packing = pack(hosts, requests, [&](const PackingProgress& best) {
      EXPECT_GE(best.gpus, shown);
      EXPECT_LE(best.gpus, best.most_gpus);
      shown = best.gpus;
      return left-- > 0;
    });
    expect_sound(hosts, requests, packing);
    EXPECT_GE(packing.gpus, before) << steps;
    EXPECT_GE(packing.gpus, shown);
    before = packing.gpus;
    if (steps == 0) {
      EXPECT_EQ(refusals(packing), requests.size());
      EXPECT_THAT(packing.guests[0].refusal, HasSubstr("ended before"));
    }
  }
  EXPECT_EQ(before, 16u);
}

TEST(Pack, KnowsWhatNoPackingCanGive) {
  const std::vector<Host> hosts = equal_hosts(2);
  const auto most = [&](const std::vector<Request>& requests) {
    const auto packing = pack(hosts, requests, [](const PackingProgress&) { return false; });
    return std::pair(packing.most_gpus, packing.most_guests);
  };
  using Most = std::pair<std::uint64_t, std::size_t>;
  std::vector<Request> threes, many_cores;
  for (unsigned at = 0; at < 9; ++at) {
    threes.push_back(request("g" + std::to_string(at), 3, 6));
    many_cores.push_back(request("g" + std::to_string(at), 1, 20));
  }
  EXPECT_EQ(most(threes), Most(12, 5)) << "two guests on each host of eight GPUs";
  EXPECT_EQ(most(many_cores), Most(4, 4)) << "one on each node";
  EXPECT_EQ(most({request("a", 1, 2), request("b", 9, 18), request("c", 1, 22)}), Most(1, 1))
      << "one has more GPUs than a host, one more CPUs than a node";
  EXPECT_THAT(pack(hosts, {request("b", 9, 18)}).guests[0].refusal, HasSubstr("even alone"));
}

TEST(Pack, TakesNumbersOnly) {
  Request named = request("a", 1, 4);
  named.gpus = {"41:00.0"};
  EXPECT_THROW(pack({two_sockets()}, {named}), Error);
  EXPECT_THROW(pack({two_sockets()}, {request("a", 0, 4)}), Error);
  EXPECT_TRUE(pack({two_sockets()}, {}).guests.empty());
  EXPECT_EQ(refusals(pack({}, {request("a", 1, 4)})), 1u);
}

}  // namespace
}  // namespace gpupass::pack_test
