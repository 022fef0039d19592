// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::drift_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Both GPUs have serial numbers, as cards have that root looks at.
Host baseline() {
  Host host = two_sockets();
  for (PciFunction& function : host.functions) {
    function.link = PciLink{16, 16, 16, 16};
    function.reset_methods = std::vector<std::string>{"flr", "bus"};
    function.config = PciConfig{};
  }
  function_of(host, kGpu0).config->serial = std::string("0000000000000001");
  function_of(host, kGpu1).config->serial = std::string("0000000000000002");
  return host;
}

std::vector<std::string> ids(const Host& now, const Host& then) {
  std::vector<std::string> result;
  for (const Finding& finding : check_drift(now, then)) result.push_back(finding.id);
  return result;
}

template <typename Change>
std::vector<std::string> after(const Change& change) {
  Host now = baseline();
  change(now);
  return ids(now, baseline());
}

void erase(Host& host, PciAddress address) {
  std::erase_if(host.functions, [&](const PciFunction& function) { return function.address == address; });
}

TEST(Drift, OfTheSameHostIsNone) {
  EXPECT_THAT(ids(baseline(), baseline()), ElementsAre("drift.none"));
}

TEST(Drift, IsNamedByWhatChanged) {
  EXPECT_THAT(after([](Host& h) { function_of(h, kGpu0).driver = std::string("vfio-pci"); }),
              ElementsAre("drift.driver"));
  EXPECT_THAT(after([](Host& h) { function_of(h, kGpu0).link->width = 8; }), ElementsAre("drift.link"));
  EXPECT_THAT(after([](Host& h) { function_of(h, kGpu1).link->max_speed_gts = 8; }),
              ElementsAre("drift.link"));
  EXPECT_THAT(after([](Host& h) { function_of(h, kGpu0).numa_node = 1; }), ElementsAre("drift.node"));
  EXPECT_THAT(after([](Host& h) { function_of(h, kGpu0).reset_methods->pop_back(); }),
              ElementsAre("drift.reset"));
  EXPECT_THAT(after([](Host& h) { h.groups->front().members.push_back(kGpu1); }), ElementsAre("drift.group"));
  EXPECT_THAT(after([](Host& h) { h.iommu->units.clear(); }), ElementsAre("drift.iommu"));
  EXPECT_THAT(after([](Host& h) { h.iommu->interrupt_remapping = false; }), ElementsAre("drift.iommu"));
  EXPECT_THAT(after([](Host& h) { h.iommu->kernel_options = {"iommu=pt"}; }), ElementsAre("drift.options"));
  EXPECT_THAT(after([](Host& h) { h.numa_nodes->front().cpus = *h.numa_nodes->front().cpus - CpuSet{3}; }),
              ElementsAre("drift.cpus"));
  EXPECT_THAT(after([](Host& h) { h.numa_nodes->back().memory_bytes = std::uint64_t{32} << 30; }),
              ElementsAre("drift.memory"));
  EXPECT_THAT(after([](Host& h) { h.numa_nodes->pop_back(); }), ElementsAre("drift.nodes"));
}

TEST(Drift, AGpuIsGoneNewOrElsewhere) {
  EXPECT_THAT(after([](Host& h) { erase(h, kGpu1); }), ElementsAre("drift.missing"));
  Host fewer = baseline();
  erase(fewer, kGpu1);
  EXPECT_THAT(ids(baseline(), fewer), ElementsAre("drift.new"));
  const auto other = [](Host& h) {
    function_of(h, kGpu1).device = 0x2331;
    function_of(h, kGpu1).config->serial = std::string("0000000000000003");
  };
  EXPECT_THAT(after(other), ElementsAre("drift.device"));
  Host moved = baseline();
  PciFunction& gpu = function_of(moved, kGpu1);
  gpu.address.bus += 1;
  const auto findings = check_drift(moved, baseline());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().id, "drift.moved");
  EXPECT_THAT(findings.front().message, HasSubstr(kGpu1.to_string()));
  EXPECT_THAT(findings.front().remedy, HasSubstr("gpupass capture"));
}

TEST(Drift, WhatOnlyOneOfThemSawIsNoDifference) {
  EXPECT_THAT(after([](Host& h) {
                h.iommu = Unknown{"hidden"};
                function_of(h, kGpu0).link = Unknown{"hidden"};
                function_of(h, kGpu0).driver = Unknown{"hidden"};
              }),
              ElementsAre("drift.none"));
  Host unasked = baseline();
  unasked.platform = {};
  EXPECT_THROW(check_drift(unasked, baseline()), Error);
}

}  // namespace
}  // namespace gpupass::drift_test
