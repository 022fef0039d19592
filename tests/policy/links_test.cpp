// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::links_test {
namespace {

const PciAddress kGpu = *PciAddress::parse("19:00.0");
const PciAddress kPort = *PciAddress::parse("18:00.0");
const PciAddress kSwitch = *PciAddress::parse("17:00.0");

Host example() {
  return probe(*open_host(source_path("examples/hosts/8gpu-2socket.host")),
               {.parts = needs(Verb::Topology), .named = {}});
}

PciFunction& function(Host& host, PciAddress address) {
  return *std::ranges::find(host.functions, address, &PciFunction::address);
}

std::optional<LinkAssessment> link_of(const Host& host, PciAddress address) {
  for (const LinkAssessment& link : assess_links(host))
    if (link.address == address) return link;
  return std::nullopt;
}

/// With links of the GPU and of the port above it: speed, width, and the best of both.
std::string_view health(PciLink gpu, PciLink port) {
  Host host = example();
  function(host, kGpu).link = gpu;
  function(host, kPort).link = port;
  const auto link = link_of(host, kGpu);
  return link ? to_string(link->health) : "none";
}

TEST(Links, AreJudgedByTheBestOfBothEnds) {
  EXPECT_EQ(health({32, 16, 32, 16}, {32, 16, 32, 16}), "best");
  EXPECT_EQ(health({16, 8, 32, 16}, {16, 8, 16, 8}), "best") << "the slot has no more";
  EXPECT_EQ(health({32, 8, 32, 16}, {32, 8, 32, 16}), "narrow");
  EXPECT_EQ(health({2.5, 8, 32, 16}, {2.5, 8, 32, 16}), "narrow") << "an idle GPU keeps its lanes";
}

TEST(Links, AnIdleGpuIsNoFault) {
  EXPECT_EQ(health({2.5, 16, 32, 16}, {2.5, 16, 32, 16}), "resting");
}

TEST(Links, OfASwitchAndOfANetworkCardDoNotRest) {
  Host host = example();
  function(host, kSwitch).link = PciLink{16, 16, 32, 16};
  EXPECT_EQ(link_of(host, kSwitch)->health, LinkHealth::Slow);
  function(host, *PciAddress::parse("1b:00.0")).link = PciLink{8, 16, 32, 16};
  function(host, *PciAddress::parse("18:02.0")).link = PciLink{8, 16, 32, 16};
  EXPECT_EQ(link_of(host, *PciAddress::parse("1b:00.0"))->health, LinkHealth::Slow);
}

TEST(Links, WhatIsNotKnownIsNotJudged) {
  EXPECT_EQ(health({0, 0, 32, 16}, {0, 0, 32, 16}), "unknown");
  Host host = example();
  function(host, kPort).link = Unknown{"not readable"};
  EXPECT_EQ(link_of(host, kGpu)->health, LinkHealth::Unknown);
}

TEST(Links, BetweenThePortsOfASwitchThereIsNone) {
  Host host = example();
  EXPECT_FALSE(link_of(host, kPort)) << "by its configuration space";
  for (PciFunction& each : host.functions) each.config = Unknown{"needs root"};
  EXPECT_FALSE(link_of(host, kPort)) << "by its place";
  EXPECT_TRUE(link_of(host, kSwitch));
  EXPECT_TRUE(link_of(host, kGpu));
}

// Intel's Arc cards have a switch of their own, and links inside that say one lane of the first generation.
TEST(Links, InsideACardTellNothing) {
  const Host host = probe(*open_host(source_path("tests/field/arc-b570.host")),
                          {.parts = needs(Verb::Topology), .named = {}});
  for (const LinkAssessment& link : assess_links(host))
    EXPECT_NE(link.health, LinkHealth::Narrow) << link.address.to_string();
}

TEST(Links, NoneOfAHealthyExampleIsAtFault) {
  for (const LinkAssessment& link : assess_links(example()))
    EXPECT_THAT(link.health, testing::AnyOf(LinkHealth::Best, LinkHealth::Resting, LinkHealth::Unknown))
        << link.address.to_string();
}

}  // namespace
}  // namespace gpupass::links_test
