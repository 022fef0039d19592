// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/two_sockets.hpp"

namespace gpupass {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

Request request(const std::string& name, unsigned gpus, unsigned vcpus) {
  Request result;
  result.name = name;
  result.gpu_count = gpus;
  result.vcpus = vcpus;
  result.memory_bytes = gpus * 4 * kGiB;
  return result;
}

std::size_t refusals(const std::vector<Packed>& packed) {
  return static_cast<std::size_t>(std::ranges::count_if(packed, [](const Packed& one) { return !one.host; }));
}

/// No GPU, CPU or huge page is given twice, and what is kept for the host is given to nobody.
void expect_disjoint(const std::vector<Host>& hosts, const std::vector<Packed>& packed) {
  std::map<std::size_t, std::vector<DeviceId>> gpus;
  std::map<std::size_t, CpuSet> cpus, kept;
  std::map<std::tuple<std::size_t, unsigned, std::uint64_t>, std::uint64_t> pages;
  for (const Packed& one : packed) {
    if (!one.host) {
      EXPECT_FALSE(one.refusal.empty());
      continue;
    }
    for (const DeviceId gpu : one.placement.gpus) {
      EXPECT_EQ(std::ranges::count(gpus[*one.host], gpu), 0) << gpu.to_string();
      gpus[*one.host].push_back(gpu);
    }
    for (const Cell& cell : one.placement.cells) {
      EXPECT_FALSE(cpus[*one.host].intersects(cell.cpus)) << cell.cpus.to_string();
      cpus[*one.host] |= cell.cpus;
      pages[{*one.host, cell.node, cell.page_size_bytes}] += cell.memory_bytes / cell.page_size_bytes;
    }
    kept[*one.host] |= one.placement.emulator_cpus;
  }
  for (const auto& [host, given] : cpus) EXPECT_FALSE(given.intersects(kept[host]));
  for (const auto& [what, count] : pages)
    for (const NumaNode& node : *hosts[std::get<0>(what)].numa_nodes)
      for (const HugePages& pool : node.huge_pages)
        if (node.id == std::get<1>(what) && pool.page_size_bytes == std::get<2>(what)) {
          EXPECT_LE(count, pool.free);
        }
}

TEST(Pack, GivesNothingTwice) {
  const std::vector<Host> hosts = {two_sockets(), two_sockets()};
  for (const unsigned vcpus : {2u, 6u, 14u}) {
    std::vector<Request> requests;
    for (unsigned at = 0; at < 6; ++at)
      requests.push_back(request("g" + std::to_string(at), 1 + at % 2, vcpus));
    const auto packed = pack(hosts, requests);
    ASSERT_EQ(packed.size(), requests.size());
    expect_disjoint(hosts, packed);
    EXPECT_EQ(pack(hosts, requests), packed) << "the same again";
  }
}

TEST(Pack, PutsOneGuestWherePlaceDoes) {
  const auto packed = pack({two_sockets()}, {request("guest", 2, 8)});
  Placement expected = place(two_sockets(), request("guest", 2, 8));
  expected.reasons.clear();
  EXPECT_EQ(packed[0].placement, expected);
}

TEST(Pack, LeavesRoomForTheLargeOnes) {
  // In the order in which they come, each small one would break into a host of its own.
  const std::vector<Request> requests = {request("s1", 1, 4), request("s2", 1, 4), request("l1", 2, 20)};
  const std::vector<Host> hosts = {two_sockets(), two_sockets()};
  const auto packed = pack(hosts, requests);
  EXPECT_EQ(refusals(packed), 0u);
  EXPECT_EQ(packed[0].host, packed[1].host);
}

TEST(Pack, RefusesTheLargeOneWhereThatIsFewerRefusals) {
  const std::vector<Request> requests = {request("large", 2, 8), request("s1", 1, 4), request("s2", 1, 4)};
  const auto packed = pack({two_sockets()}, requests);
  EXPECT_EQ(refusals(packed), 1u);
  EXPECT_FALSE(packed[0].host);
}

TEST(Pack, KeepsAGuestOffTheGpuThatItsNeighboursStarve) {
  Host crowded = two_sockets();
  crowded.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("9-14,25-30"))};
  const auto packed = pack({two_sockets(), crowded}, {request("big", 1, 14), request("tiny", 1, 2)});
  EXPECT_EQ(packed[1].host, 1u) << "one core is free beside that GPU, which serves no other";
  EXPECT_EQ(packed[1].placement.cells[0].node, 1u);
}

TEST(Pack, TakesNumbersOnly) {
  Request named = request("a", 1, 4);
  named.gpus = {"41:00.0"};
  EXPECT_THROW(pack({two_sockets()}, {named}), Error);
  EXPECT_THROW(pack({two_sockets()}, {request("a", 0, 4)}), Error);
  EXPECT_TRUE(pack({two_sockets()}, {}).empty());
  EXPECT_EQ(refusals(pack({}, {request("a", 1, 4)})), 1u);
}

}  // namespace
}  // namespace gpupass
