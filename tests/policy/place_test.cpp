// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::place_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Request request(unsigned vcpus, std::uint64_t memory_bytes) {
  Request result;
  result.vcpus = vcpus;
  result.memory_bytes = memory_bytes;
  return result;
}

std::vector<std::string> pins(const Placement& placement) {
  std::vector<std::string> result;
  for (const VcpuPin& pin : placement.vcpu_pins) {
    EXPECT_EQ(pin.vcpu, result.size());
    result.push_back(pin.cpus.to_string());
  }
  return result;
}

/// The error that placing ends with; fails the test when it does not.
Error refusal(const Host& host, const Request& asked) {
  return error_of([&] { place(host, asked); });
}

// --- the GPU and its node ---

TEST(Place, TakesTheFirstGpuThatCanBeGivenAway) {
  const Placement placement = place(two_sockets(), request(4, 4 * kGiB));
  EXPECT_THAT(placement.gpus, ElementsAre(kGpu0));
  ASSERT_EQ(placement.cells.size(), 1u);
  EXPECT_EQ(placement.cells[0].node, 0u);
  EXPECT_EQ(placement.cells[0].memory_bytes, 4 * kGiB);
}

TEST(Place, GoesToTheNodeOfTheNamedGpu) {
  Request asked = request(4, 4 * kGiB);
  asked.gpus = {"c1:00.0"};
  const Placement placement = place(two_sockets(), asked);
  EXPECT_THAT(placement.gpus, ElementsAre(kGpu1));
  EXPECT_EQ(placement.cells[0].node, 1u);
  EXPECT_THAT(placement.reasons, Contains("0000:c1:00.0 is on node 1"));
}

TEST(Place, GoesToAnotherGpuWhereTheFirstHasNoRoom) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("0-6,16-22"))};
  EXPECT_THAT(place(host, request(4, 4 * kGiB)).gpus, ElementsAre(kGpu1));
}

TEST(Place, TellsOfEachNodeWhenNoneHasRoom) {
  const Error error = refusal(two_sockets(), request(20, 4 * kGiB));
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("on node 0: saw 7 free cores with 14 CPUs"),
                                  HasSubstr("on node 1:"), HasSubstr("expected 20 CPUs, 6 more")));
}

TEST(Place, LeavesTheGpuThatAnotherGuestNames) {
  Host host = two_sockets();
  Domain other = running_guest("other", {kGpu0}, {});
  other.active = false;
  other.live_devices.clear();
  host.domains = std::vector<Domain>{other};
  EXPECT_THAT(place(host, request(4, 4 * kGiB)).gpus, ElementsAre(kGpu1));
}

TEST(Place, KeepsTheGpuThatTheGuestRunsWith) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("guest", {kGpu1}, *CpuSet::parse("9,25"))};
  const Placement placement = place(host, request(4, 4 * kGiB));
  EXPECT_THAT(placement.gpus, ElementsAre(kGpu1));
  EXPECT_THAT(pins(placement), ElementsAre("9", "25", "10", "26")) << "its own pins are no obstacle";
}

TEST(Place, RefusesTheGpuThatAnotherGuestRunsWith) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {kGpu1}, {})};
  Request asked = request(4, 4 * kGiB);
  asked.gpus = {"0000:c1:00.0"};
  const Error error = refusal(host, asked);
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), HasSubstr("0000:c1:00.0: guest other has it"));
}

TEST(Place, WarnsOfADisplayThatTheHostWouldMiss) {
  Host host = two_sockets();
  PciFunction& display = function_of(host, kGpu0);
  display.boot_vga = true;
  display.driver = std::string("nvidia");
  Request asked = request(4, 4 * kGiB);
  asked.gpus = {"41:00.0"};
  const std::string warning = "is the display that the firmware started on";
  EXPECT_THAT(place(host, asked).reasons, Contains(HasSubstr(warning)));
  asked.force = {kGpu0};
  EXPECT_THAT(place(host, asked).reasons, testing::Not(Contains(HasSubstr(warning))));
  EXPECT_THAT(place(host, request(4, 4 * kGiB)).gpus, ElementsAre(kGpu1)) << "it is not chosen by itself";
  display.driver = std::string("vfio-pci");
  EXPECT_THAT(place(host, request(4, 4 * kGiB)).gpus, ElementsAre(kGpu0)) << "nothing more can be lost";
}

TEST(Place, GivesAGroupToOneGuest) {
  Host host = two_sockets();
  PciFunction mate = function_of(host, kGpu1);
  mate.address = {0, 0xc2, 0, 0};
  host.functions.push_back(mate);
  host.groups->back().members.push_back(mate.address);
  for (const char* driver : {"vfio-pci", "nvidia"}) {
    for (PciFunction& function : host.functions)
      if (function.iommu_group == 9u) function.driver = std::string(driver);
    EXPECT_THAT(place(host, request(4, 4 * kGiB)).gpus, ElementsAre(kGpu0)) << "it leaves no GPU unused";
    Request two = request(4, 4 * kGiB);
    two.gpu_count = 2;
    EXPECT_THAT(place(host, two).gpus, ElementsAre(kGpu1, mate.address)) << "below one group";
    two.gpu_count.reset();
    two.gpus = {"c1:00.0", "c2:00.0"};
    EXPECT_THAT(place(host, two).gpus, ElementsAre(kGpu1, mate.address));
  }
  Request alone = request(4, 4 * kGiB);
  alone.gpus = {"c1:00.0"};
  EXPECT_THAT(refusal(host, alone).hint(), HasSubstr("name 0000:c2:00.0 as well"));
}

TEST(Place, GivesEachNodeWithAGpuItsPart) {
  Request two = request(8, 8 * kGiB);
  two.gpu_count = 2;
  Request named = request(8, 8 * kGiB);
  named.gpus = {"c1:00.0", "41:00.0"};
  Request all = request(8, 8 * kGiB);
  all.gpus = {"all"};
  for (const Request& asked : {two, named, all}) {
    const Placement placement = place(two_sockets(), asked);
    EXPECT_THAT(placement.gpus, ElementsAre(kGpu0, kGpu1));
    ASSERT_EQ(placement.cells.size(), 2u);
    EXPECT_EQ(placement.cells[0], (Cell{0, *CpuSet::parse("1-2,17-18"), 4 * kGiB, kGiB}));
    EXPECT_EQ(placement.cells[1], (Cell{1, *CpuSet::parse("9-10,25-26"), 4 * kGiB, kGiB}));
    EXPECT_THAT(pins(placement), ElementsAre("1", "17", "2", "18", "9", "25", "10", "26"));
    EXPECT_EQ(placement.emulator_cpus.to_string(), "0,8,16,24");
    EXPECT_THAT(placement.reasons, Contains("vCPUs are split 4 and 4, as the GPUs are"));
  }
}

TEST(Place, SplitsAsAsked) {
  Request asked;
  asked.gpu_count = 2;
  asked.cells = {{1, 2, 3 * kGiB}, {0, 6, kGiB}};
  const Placement placement = place(two_sockets(), asked);
  ASSERT_EQ(placement.cells.size(), 2u);
  EXPECT_EQ(placement.cells[0].cpus.to_string(), "1-3,17-19");
  EXPECT_EQ(placement.cells[1].memory_bytes, 3 * kGiB);
  asked.vcpus = 9;
  EXPECT_EQ(refusal(two_sockets(), asked).code(), ErrorCode::Usage) << "the cells have 8";
  asked.vcpus = 8;
  asked.cells[1].node = 1;
  EXPECT_EQ(refusal(two_sockets(), asked).code(), ErrorCode::Usage) << "node 1 twice";
}

TEST(Place, CountsTheGpusThatAreMissing) {
  Request asked = request(4, 4 * kGiB);
  asked.gpu_count = 3;
  const Error error = refusal(two_sockets(), asked);
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("saw 2 free GPUs ("), HasSubstr("expected 3, 1 more")));
  EXPECT_THAT(error.hint(), HasSubstr("it fits with 2 GPUs"));
}

TEST(Place, StaysOnTheGpusNodesWhenItMust) {
  Request asked = request(20, 4 * kGiB);
  asked.gpus = {"41:00.0"};
  for (const NumaPolicy policy : {NumaPolicy::Required, NumaPolicy::Socket}) {
    asked.numa = policy;
    const Error error = refusal(two_sockets(), asked);
    EXPECT_THAT(error.what(), HasSubstr("on node 0: saw 7 free cores with 14 CPUs"));
    EXPECT_THAT(error.hint(), HasSubstr("with 14 vCPUs"));
  }
  asked.numa = NumaPolicy::Preferred;
  const Placement placement = place(two_sockets(), asked);
  ASSERT_EQ(placement.cells.size(), 2u);
  EXPECT_EQ(placement.cells[0].cpus.size(), 14u) << "as many as there are beside the GPU";
  EXPECT_THAT(placement.reasons, Contains("6 vCPUs on node 1, which has no GPU of this guest's"));
}

TEST(Place, UsesTheOtherNodesOfTheSocket) {
  Host host = two_sockets();
  host.cpus->packages[0].cpus |= host.cpus->packages[1].cpus;
  host.cpus->packages.pop_back();
  Request asked = request(20, 4 * kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Refused);
  asked.numa = NumaPolicy::Socket;
  EXPECT_EQ(place(host, asked).cells.size(), 2u);
}

TEST(Place, ACompanionBringsItsNode) {
  Host host = two_sockets();
  PciFunction nic = function_of(host, kGpu1);
  nic.address = {0, 0xc2, 0, 0};
  nic.class_code = 0x020000;
  nic.iommu_group = 11u;
  host.functions.push_back(nic);
  host.groups->push_back(IommuGroup{11, {nic.address}, std::string("DMA-FQ"), {}});
  Request asked = request(8, 4 * kGiB);
  asked.devices = {"c2:00.0"};
  const Placement near = place(host, asked);
  EXPECT_THAT(near.gpus, ElementsAre(kGpu1)) << "the GPU beside it";
  EXPECT_THAT(near.devices, ElementsAre(nic.address));
  EXPECT_EQ(near.cells.size(), 1u);
  asked.gpus = {"41:00.0"};
  EXPECT_EQ(place(host, asked).cells.size(), 2u);
  asked.devices = {"c73f1fa6-489e-4834-9476-d70dabd98c40"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Refused) << "a mediated device";
  asked.devices = {"c2:00.7"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::NotFound);
  asked.devices = {"all"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Usage);
}

TEST(Place, NamesTheNearestRequestsThatFit) {
  Request asked = request(15, 70 * kGiB);
  asked.gpus = {"c1:00.0"};
  EXPECT_THAT(refusal(two_sockets(), asked).hint(), testing::StartsWith("it fits with 2 GPUs"))
      << "no other number of vCPUs helps, and no less memory";
  asked.vcpus = 14;
  EXPECT_THAT(refusal(two_sockets(), asked).hint(),
              HasSubstr("it fits with 2 GPUs, or with 60368M of memory"));
  asked.gpus.clear();
  const Error error = refusal(two_sockets(), asked);
  EXPECT_THAT(error.hint(), HasSubstr("it fits with 2 GPUs, or with 60368M of memory"));
  ASSERT_EQ(error.alternatives().size(), 2u);
  EXPECT_EQ(error.alternatives()[0].gpu_count, 2u);
  EXPECT_EQ(error.alternatives()[0].memory_bytes, 70 * kGiB);
  EXPECT_EQ(error.alternatives()[1].gpu_count, 1u);
  EXPECT_EQ(error.alternatives()[1].memory_bytes, 60368 * kMiB);
  for (const Request& alternative : error.alternatives())
    EXPECT_EQ(place(two_sockets(), alternative).gpus.size(), *alternative.gpu_count);
}

TEST(Place, NeedsANodeWhereThereAreSeveral) {
  Host host = two_sockets();
  for (PciFunction& function : host.functions) function.numa_node = Absent{};
  const Error error = refusal(host, request(4, 4 * kGiB));
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), HasSubstr("on no known NUMA node"));
  EXPECT_THAT(error.hint(), HasSubstr("numa_node"));
}

TEST(Place, TakesTheOnlyNodeForTheGpuOfNone) {
  Host host = two_sockets();
  for (PciFunction& function : host.functions) function.numa_node = Absent{};
  host.numa_nodes->pop_back();
  EXPECT_EQ(place(host, request(4, 4 * kGiB)).cells[0].node, 0u);
}

TEST(Place, TakesAHostWithoutNumaForOneNode) {
  Host host = two_sockets();
  host.numa_nodes = Absent{};
  const Placement placement = place(host, request(28, 4 * kGiB));
  EXPECT_EQ(placement.cells[0].node, 0u);
  EXPECT_EQ(placement.vcpu_pins.size(), 28u);
  EXPECT_THAT(placement.reasons, Contains(HasSubstr("it is not known whether node 0 has 4G free")));
}

TEST(Place, KnowsSparseNodeIds) {
  Host host = two_sockets();
  (*host.numa_nodes)[0].id = 3;
  (*host.numa_nodes)[1].id = 250;
  function_of(host, {0, 0xc0, 1, 0}).numa_node = 250;
  Request asked = request(2, kGiB);
  asked.gpus = {"c1:00.0"};
  EXPECT_EQ(place(host, asked).cells[0].node, 250u);
}

TEST(Place, NeedsTheCpus) {
  Host host = two_sockets();
  host.cpus = Unknown{"hwloc is not installed"};
  EXPECT_THAT(refusal(host, request(4, kGiB)).what(), HasSubstr("no CPU topology (hwloc is not installed)"));
  host.cpus = Absent{};
  EXPECT_EQ(refusal(host, request(4, kGiB)).code(), ErrorCode::Refused);
}

TEST(Place, RefusesAnotherArchitecture) {
  Host host = two_sockets();
  host.architecture = std::string("aarch64");
  EXPECT_THAT(refusal(host, request(4, kGiB)).what(),
              HasSubstr("saw a host of architecture aarch64, expected x86_64"));
}

TEST(Place, RefusesAnUnknownArchitecture) {
  Host host = two_sockets();
  host.architecture = Unknown{"not captured"};
  EXPECT_THAT(refusal(host, request(4, kGiB)).what(),
              HasSubstr("saw a host of unknown architecture (not captured), expected x86_64"));
  host.architecture = {};
  EXPECT_EQ(refusal(host, request(4, kGiB)).code(), ErrorCode::Refused);
}

TEST(Place, SaysWhatItCouldNotSee) {
  Host host = two_sockets();
  host.domains = Unknown{"libvirt did not answer"};
  EXPECT_THAT(place(host, request(4, kGiB)).reasons, Contains(HasSubstr("libvirt did not answer")));
}

// --- cores ---

TEST(PlaceCores, PutsPairsOfVcpusOnSiblings) {
  const Placement placement = place(two_sockets(), request(6, kGiB));
  EXPECT_THAT(pins(placement), ElementsAre("1", "17", "2", "18", "3", "19"));
  EXPECT_EQ(placement.threads_per_core, 2u);
  EXPECT_EQ(placement.cells[0].cpus.to_string(), "1-3,17-19");
}

TEST(PlaceCores, KeepsTheLowestCoreForTheHost) {
  EXPECT_EQ(place(two_sockets(), request(4, kGiB)).emulator_cpus.to_string(), "0,16");
}

TEST(PlaceCores, PrefersOneCache) {
  // The kept core leaves three free below the first cache.
  const Placement placement = place(two_sockets(), request(8, kGiB));
  EXPECT_THAT(pins(placement), ElementsAre("4", "20", "5", "21", "6", "22", "7", "23"));
  EXPECT_THAT(placement.reasons, Contains(HasSubstr("all below one L3 cache")));
}

TEST(PlaceCores, SaysWhenItNeedsTwoCaches) {
  const Placement placement = place(two_sockets(), request(10, kGiB));
  EXPECT_THAT(pins(placement), ElementsAre("1", "17", "2", "18", "3", "19", "4", "20", "5", "21"));
  EXPECT_THAT(placement.reasons, Contains(HasSubstr("below 2 L3 caches")));
}

TEST(PlaceCores, LeavesTheLargestHoleWhole) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("1,17"))};
  // Two are left below the first cache, four below the second.
  EXPECT_THAT(pins(place(host, request(4, kGiB))), ElementsAre("2", "18", "3", "19"));
}

TEST(PlaceCores, HandlesOddCounts) {
  const Placement placement = place(two_sockets(), request(5, kGiB));
  EXPECT_THAT(pins(placement), ElementsAre("1", "17", "2", "18", "3"));
  EXPECT_EQ(placement.threads_per_core, 1u);
  EXPECT_THAT(pins(place(two_sockets(), request(1, kGiB))), ElementsAre("1"));
}

TEST(PlaceCores, NeverTakesHalfACore) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("17"))};
  host.isolated_cpus = *CpuSet::parse("18");
  Request asked = request(2, kGiB);
  asked.reserved_cpus = *CpuSet::parse("3");
  const Placement placement = place(host, asked);
  EXPECT_THAT(pins(placement), ElementsAre("0", "16"));
  EXPECT_EQ(placement.emulator_cpus.to_string(), "3") << "what is reserved runs the emulator";
}

TEST(PlaceCores, IsolatedCpusWaitForGuests) {
  Host host = two_sockets();
  host.isolated_cpus = *CpuSet::parse("4-7,20-23");
  Request asked = request(4, kGiB);
  asked.gpus = {"41:00.0"};
  const Placement placement = place(host, asked);
  EXPECT_THAT(pins(placement), ElementsAre("4", "20", "5", "21"));
  EXPECT_EQ(placement.emulator_cpus.to_string(), "0,16");
  host.isolated_cpus = *CpuSet::parse("1-7,17-23");
  asked.vcpus = 14;
  EXPECT_EQ(place(host, asked).emulator_cpus.to_string(), "0,16");
}

TEST(PlaceCores, PrefersTheLargerCache) {
  Host host = two_sockets();
  host.cpus->last_level_caches[1].size_bytes *= 3;
  Request asked = request(4, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_THAT(pins(place(host, asked)), ElementsAre("4", "20", "5", "21"));
}

TEST(PlaceCores, DoesNotMixFastAndEfficientCores) {
  Host host = two_sockets();
  host.efficient_cpus = *CpuSet::parse("0-3,16-19");
  Request asked = request(6, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_THAT(pins(place(host, asked)), ElementsAre("4", "20", "5", "21", "6", "22"));
}

TEST(PlaceCores, UsesWhatIsOnlineOfACore) {
  Host host = two_sockets();
  host.offline_cpus = *CpuSet::parse("16-23");
  EXPECT_THAT(pins(place(host, request(2, kGiB))), ElementsAre("9", "25"))
      << "whole cores, where there are some";
  Request asked = request(2, kGiB);
  asked.gpus = {"41:00.0"};
  const Placement placement = place(host, asked);
  EXPECT_THAT(pins(placement), ElementsAre("1", "2"));
  EXPECT_EQ(placement.threads_per_core, 1u);
  EXPECT_EQ(placement.emulator_cpus.to_string(), "0");
}

TEST(PlaceCores, PrefersCoresOfOneKind) {
  Host host = two_sockets();
  host.offline_cpus = *CpuSet::parse("16-18");  // Cores 0, 1, 2 have one thread now.
  Request asked = request(4, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_THAT(pins(place(host, asked)), ElementsAre("4", "20", "5", "21"));
  asked.vcpus = 12;
  const Placement mixed = place(host, asked);
  EXPECT_EQ(mixed.threads_per_core, 1u);
  EXPECT_EQ(mixed.vcpu_pins.size(), 12u);
}

TEST(PlaceCores, TouchesNoMoreCachesThanItMustAndNothingOfOthers) {
  for (unsigned taken = 0; taken < 256; ++taken)
    for (unsigned vcpus = 1; vcpus <= 16; vcpus += 3) {
      SCOPED_TRACE(testing::Message() << "taken " << taken << ", vCPUs " << vcpus);
      Host host = two_sockets();
      CpuSet others;
      std::vector<unsigned> free;
      for (unsigned core = 0; core < 8; ++core)
        if ((taken >> core & 1U) != 0)
          others.insert(core + 16);
        else
          free.push_back(core);
      host.domains = std::vector<Domain>{running_guest("other", {}, others)};
      Request asked = request(vcpus, kGiB);
      asked.gpus = {"41:00.0"};
      const unsigned cores = (vcpus + 1) / 2;
      if (free.size() < cores + 1) {
        EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Refused);
        continue;
      }
      const Placement placement = place(host, asked);
      const CpuSet& cpus = placement.cells[0].cpus;
      EXPECT_EQ(cpus.size(), vcpus);
      EXPECT_FALSE(cpus.intersects(others | placement.emulator_cpus));
      EXPECT_TRUE((*host.numa_nodes)[0].cpus->contains(cpus));
      const auto first =
          static_cast<unsigned>(std::count_if(free.begin() + 1, free.end(), [](auto c) { return c < 4; }));
      const auto second = static_cast<unsigned>(free.size()) - 1 - first;
      const auto& caches = host.cpus->last_level_caches;
      EXPECT_EQ(cpus.intersects(caches[0].cpus) + cpus.intersects(caches[1].cpus),
                first >= cores || second >= cores ? 1 : 2);
    }
}

TEST(PlaceCores, SaysWhatIsShortAndWhoHasIt) {
  Host host = two_sockets();
  host.domains = std::vector<Domain>{running_guest("other", {}, *CpuSet::parse("1-2"))};
  host.isolated_cpus = *CpuSet::parse("3");
  Request asked = request(12, kGiB);
  asked.gpus = {"41:00.0"};
  asked.reserved_cpus = *CpuSet::parse("4");
  const Error error = refusal(host, asked);
  EXPECT_THAT(
      error.what(),
      HasSubstr("cannot place guest: on node 0: saw 4 free cores with 8 CPUs beside what stays for the host, "
                "expected 12 CPUs, 4 more; its other cores: 2 pinned by other guests, 1 reserved, "
                "1 isolated"));
  EXPECT_THAT(error.hint(), HasSubstr("with 8 vCPUs"));
}

TEST(PlaceCores, ANodeOfOneCoreHasNoneForAGuest) {
  Host host = two_sockets();
  host.offline_cpus = *CpuSet::parse("1-7,17-23");
  Request asked = request(1, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Refused);
}

TEST(PlaceCores, ANodeWhoseCpusAreNotKnownIsRefused) {
  Host host = two_sockets();
  (*host.numa_nodes)[0].cpus = Unknown{"no cpulist"};
  Request asked = request(1, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_EQ(refusal(host, asked).code(), ErrorCode::Refused);
}

TEST(PlaceCores, ANodeWithoutCpusIsRefused) {
  Host host = two_sockets();
  (*host.numa_nodes)[0].cpus = CpuSet();
  Request asked = request(1, kGiB);
  asked.gpus = {"41:00.0"};
  EXPECT_THAT(refusal(host, asked).what(),
              HasSubstr("on node 0, expected one of the nodes that are online and have"));
}

// --- memory ---

std::uint64_t page_size(const Host& host, const Request& asked) {
  return place(host, asked).cells[0].page_size_bytes;
}

TEST(PlaceMemory, TakesTheLargestPagesThatHoldItAll) {
  EXPECT_EQ(page_size(two_sockets(), request(2, 16 * kGiB)), kGiB);
  EXPECT_EQ(page_size(two_sockets(), request(2, 1536 * kMiB)), 2 * kMiB) << "no whole number of 1 GiB pages";
  EXPECT_EQ(page_size(two_sockets(), request(2, 17 * kGiB)), 4096u) << "neither 17 nor 8704 pages are free";
}

TEST(PlaceMemory, CountsAskedPagesExactly) {
  Request asked = request(2, 5 * kGiB);
  asked.gpus = {"c1:00.0"};
  asked.page_size_bytes = kGiB;
  const Error error = refusal(two_sockets(), asked);
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(),
              HasSubstr("cannot place guest: on node 1: saw 4 free pages of 1G (of 32), expected 5, 1 more"));
  EXPECT_THAT(error.hint(),
              HasSubstr("/sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages"));
  asked.memory_bytes = 4 * kGiB;
  EXPECT_EQ(page_size(two_sockets(), asked), kGiB);
}

TEST(PlaceMemory, RefusesPagesThatTheHostDoesNotHave) {
  Request asked = request(2, 16 * kGiB);
  asked.page_size_bytes = 16 * kGiB;
  EXPECT_THAT(refusal(two_sockets(), asked).what(), HasSubstr("saw 0 free pages of 16G (of 0), expected 1"));
}

TEST(PlaceMemory, WantsWholePages) {
  Request asked = request(2, 1536 * kMiB);
  asked.page_size_bytes = kGiB;
  const Error error = refusal(two_sockets(), asked);
  EXPECT_EQ(error.code(), ErrorCode::Usage);
  EXPECT_THAT(error.what(), HasSubstr("saw 1536M of memory, expected a whole number of 1G pages"));
  EXPECT_EQ(refusal(two_sockets(), request(2, 4097)).code(), ErrorCode::Usage);
  EXPECT_EQ(refusal(two_sockets(), request(2, 0)).code(), ErrorCode::Usage);
}

TEST(PlaceMemory, KeepsHeadroomBesideOrdinaryPages) {
  Request asked = request(2, 60 * kGiB);
  asked.page_size_bytes = 0;
  const Error error = refusal(two_sockets(), asked);
  EXPECT_THAT(error.what(),
              HasSubstr("saw 60G of free memory, expected 62528M (60G and 1088M beside it), 1088M more"));
  asked.memory_bytes = 58 * kGiB;
  EXPECT_EQ(page_size(two_sockets(), asked), 4096u);
}

TEST(PlaceMemory, HasDefaults) {
  const Placement placement = place(two_sockets(), Request{});
  EXPECT_EQ(placement.vcpu_pins.size(), 4u);
  EXPECT_EQ(placement.cells[0].memory_bytes, 8 * kGiB);
}

TEST(PlaceMemory, NothingIsMeantByNothing) {
  Request no_gpu = request(1, kGiB);
  no_gpu.gpu_count = 0;
  EXPECT_EQ(refusal(two_sockets(), no_gpu).code(), ErrorCode::Usage);
  EXPECT_EQ(refusal(two_sockets(), request(0, kGiB)).code(), ErrorCode::Usage);
}

}  // namespace
}  // namespace gpupass::place_test
