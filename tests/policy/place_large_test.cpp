// SPDX-License-Identifier: LGPL-2.1-or-later
// Hosts with more GPUs and nodes than there could be tried one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/place/refusal.hpp"
#include "policy/place/solve.hpp"
#include "support/error_of.hpp"
#include "support/large_host.hpp"
#include "values/sizes.hpp"

namespace gpupass::place_large_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Request request(unsigned gpus, unsigned vcpus, std::uint64_t memory_bytes) {
  Request result;
  result.gpu_count = gpus;
  result.vcpus = vcpus;
  result.memory_bytes = memory_bytes;
  return result;
}

CpuSet cpus_of_node(const Host& host, unsigned node) {
  return *(*host.numa_nodes)[node].cpus;
}

std::vector<unsigned> nodes_of(const Placement& placement) {
  std::vector<unsigned> nodes;
  for (const Cell& cell : placement.cells) nodes.push_back(cell.node);
  return nodes;
}

Error refusal_of(const Host& host, const Request& asked) {
  return error_of([&] { place(host, asked); });
}

TEST(PlaceLarge, SeesTheGpusBehindTheFirstOnes) {
  const Host host = large_host({8, 4, 16, 64, 8, 2});
  Request asked = request(8, 16, 32 * kGiB);
  EXPECT_EQ(nodes_of(place(host, asked)), std::vector<unsigned>{0});
  asked.reserved_cpus = cpus_of_node(host, 0);
  const Placement placement = place(host, asked);
  EXPECT_EQ(nodes_of(placement), std::vector<unsigned>{1});
  EXPECT_FALSE(placement.gap);
}

TEST(PlaceLarge, FindsTheNodesThatHoldAll) {
  Host host = large_host({4, 2, 16, 32, 8, 2});
  Request asked = request(16, 32, 64 * kGiB);
  asked.reserved_cpus = cpus_of_node(host, 0);
  EXPECT_EQ(nodes_of(place(host, asked)), (std::vector<unsigned>{2, 3}));
  // Node 0 has one GPU less, and room.
  std::erase_if(host.functions, [](const PciFunction& function) { return function.iommu_group == 0u; });
  asked.reserved_cpus = {};
  EXPECT_EQ(nodes_of(place(host, asked)), (std::vector<unsigned>{2, 3}));
}

TEST(PlaceLarge, PlacesOnManyNodesWhatFitsThere) {
  const Host host = large_host({24, 12, 8, 1, 1, 1});
  Request asked = request(1, 128, 32 * kGiB);
  std::size_t nodes = 0;
  for (const NumaPolicy policy : {NumaPolicy::Socket, NumaPolicy::Preferred}) {
    asked.numa = policy;
    const Placement placement = place(host, asked);
    EXPECT_EQ(placement.vcpu_pins.size(), 128u);
    EXPECT_FALSE(placement.gap);
    if (nodes != 0) {
      EXPECT_EQ(placement.cells.size(), nodes) << "the same nodes";
    }
    nodes = placement.cells.size();
  }
  asked.numa = NumaPolicy::Required;
  EXPECT_THAT(refusal_of(host, asked).hint(), HasSubstr("with 14 vCPUs"));
}

TEST(PlaceLarge, ARefusalIsAboutWhatIsShort) {
  const Host host = large_host({64, 8, 4, 256, 4, 2});
  const Error error = refusal_of(host, request(16, 4000, 64 * kGiB));
  EXPECT_THAT(error.what(), HasSubstr("expected 4000 CPUs"));
  EXPECT_THAT(error.hint(), AllOf(HasSubstr("it fits with "), HasSubstr(" vCPUs")));
}

TEST(PlaceLarge, ANodeWithoutCpusLacksCpusAndNotMemory) {
  const Host host = large_host({2, 1, 8, 2, 1, 1});
  Request asked = request(2, 8, 16 * kGiB);
  asked.reserved_cpus = cpus_of_node(host, 0);
  EXPECT_THAT(refusal_of(host, asked).what(),
              AllOf(HasSubstr("on node 0: saw 0 free cores with 0 CPUs"),
                    HasSubstr("expected 1 CPUs, 1 more"), Not(HasSubstr("memory"))));
}

/// A ring: no part of it is as far from all of the rest.
Host ring_of(unsigned gpus) {
  Host host = large_host({1, 1, 40, gpus, gpus, 1});
  std::vector<DirectLink> links;
  for (unsigned at = 0; at < gpus; ++at) {
    const PciAddress one{at, 1, 0, 0}, other{(at + 1) % gpus, 1, 0, 0};
    links.push_back({std::min(one, other), std::max(one, other), DirectLink::Kind::Xgmi});
  }
  host.direct_links = links;
  return host;
}

TEST(PlaceLarge, SaysThatItCouldNotLookAtAll) {
  EXPECT_FALSE(place(ring_of(12), request(6, 12, kGiB)).gap);
  const Placement placement = place(ring_of(48), request(24, 24, kGiB));
  ASSERT_TRUE(placement.gap);
  EXPECT_EQ(placement.gpus.size(), 24u);
  EXPECT_LE(placement.gap->least_gpu_distance, placement.gap->gpu_distance);
  EXPECT_THAT(placement.reasons, Contains(HasSubstr("not proven to be the best")));
}

TEST(PlaceLarge, RefusesNothingThatItDidNotSee) {
  const Host host = large_host({8, 4, 16, 64, 8, 2});
  const Request asked = request(16, 32, 64 * kGiB);
  const FreeResources resources = free_resources(host, asked);
  Problem problem;
  problem.gpus = 16;
  problem.guest_needs.vcpus = 32;
  problem.guest_needs.memory.bytes = 64 * kGiB;
  EXPECT_TRUE(solve(resources, problem).proven);
  const Solved stopped = solve(resources, problem, 10);
  EXPECT_FALSE(stopped.best);
  EXPECT_FALSE(stopped.proven);
  const Error error = not_known(asked, problem);
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  ASSERT_EQ(error.reasons().size(), 1u);
  EXPECT_EQ(error.reasons()[0].verdict, Verdict::Unknown);
  EXPECT_THAT(error.what(), HasSubstr("unknown whether 16 GPUs"));
}

TEST(PlaceLarge, WhatIsTooSmallInSumNeedsNoSearch) {
  const Error error = refusal_of(ring_of(48), request(24, 81, kGiB));
  ASSERT_FALSE(error.reasons().empty());
  EXPECT_EQ(error.reasons()[0].verdict, Verdict::Fail);
  EXPECT_THAT(error.what(), HasSubstr("81"));
}

}  // namespace
}  // namespace gpupass::place_large_test
