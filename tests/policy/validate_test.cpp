// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"
#include "support/two_sockets.hpp"
#include "support/validated_guest.hpp"

namespace gpupass::validate_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kIds[] = {"guest.agent", "guest.bandwidth", "guest.bars", "guest.baseline",
                                "guest.cells", "guest.driver",    "guest.gpu",  "guest.kernel-log",
                                "guest.link",  "guest.node"};

/// "id verdict subject" of what does not pass; each finding is documented and says something.
std::vector<std::string> faults(const std::vector<Finding>& findings) {
  std::vector<std::string> result;
  for (const Finding& finding : findings) {
    EXPECT_TRUE(std::ranges::find(kIds, finding.id) != std::end(kIds)) << finding.id;
    EXPECT_FALSE(finding.message.empty());
    if (finding.verdict == Verdict::Pass) {
      EXPECT_EQ(finding.remedy, "");
    } else {
      result.push_back(finding.id + " " + std::string(to_string(finding.verdict)) + " " + finding.subject);
    }
  }
  return result;
}

std::vector<std::string> faults(const GuestFacts& guest, const std::optional<Baseline>& baseline = {},
                                const Host& host = host_with_guest()) {
  return faults(validate(host, "vm", guest, baseline));
}

/// The findings after one change of a healthy guest.
template <typename Change>
std::vector<std::string> after(const Change& change) {
  GuestFacts guest = healthy_guest();
  change(guest);
  return faults(guest);
}

Finding finding_of(const std::vector<Finding>& findings, const std::string& id) {
  const auto found = std::ranges::find_if(
      findings, [&](const Finding& one) { return one.id == id && one.verdict != Verdict::Pass; });
  if (found != findings.end()) return *found;
  ADD_FAILURE() << "no " << id;
  return {};
}

void erase(Host& machine, PciAddress address) {
  std::erase_if(machine.functions, [&](const PciFunction& one) { return one.address == address; });
}

template <typename Change>
Host with_definition(const Change& change) {
  Host host = host_with_guest();
  change(host.domains->front().live_xml);
  return host;
}

void replace(std::string& text, const std::string& old, const std::string& with) {
  const auto at = text.find(old);
  ASSERT_NE(at, text.npos) << old;
  text.replace(at, old.size(), with);
}

TEST(Validate, AHealthyGuestPassesEverything) {
  const std::vector<Finding> findings = validate(host_with_guest(), "vm", healthy_guest());
  EXPECT_THAT(faults(findings), IsEmpty());
  std::map<std::string, int> count;
  for (const Finding& finding : findings) ++count[finding.id];
  const std::map<std::string, int> expected = {
      {"guest.agent", 1}, {"guest.cells", 1}, {"guest.kernel-log", 1}, {"guest.gpu", 2},
      {"guest.node", 2},  {"guest.link", 2},  {"guest.bars", 2},       {"guest.driver", 2}};
  EXPECT_EQ(count, expected);
}

TEST(Validate, NamesEachFault) {
  EXPECT_THAT(after([](GuestFacts& g) { erase(*g.machine, kGuestGpu1); }),
              ElementsAre("guest.gpu fail 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) {
                for (PciFunction& function : g.machine->functions)
                  if (function.address.bus >= 0xc0) function.numa_node = 0;
              }),
              ElementsAre("guest.node fail 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) {
                for (PciFunction& function : g.machine->functions) function.numa_node = Absent{};
              }),
              ElementsAre("guest.node fail 0000:41:00.0", "guest.node fail 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).link->width = 8; }),
              ElementsAre("guest.link fail 0000:41:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).link->max_speed_gts = 16; }),
              ElementsAre("guest.link warn 0000:41:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).link->speed_gts = 2.5; }),
              IsEmpty());
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).link = Absent{}; }),
              ElementsAre("guest.link unknown 0000:41:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).bars->at(1).start = 0; }),
              ElementsAre("guest.bars fail 0000:41:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).bars = std::vector<Bar>(); }),
              ElementsAre("guest.bars fail 0000:41:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu1).driver = Absent{}; }),
              ElementsAre("guest.driver fail 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { g.nvidia_gpus->pop_back(); }),
              ElementsAre("guest.driver fail 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { g.nvidia_gpus = Unknown{"it failed"}; }),
              ElementsAre("guest.driver unknown 0000:41:00.0", "guest.driver unknown 0000:c1:00.0"));
  EXPECT_THAT(after([](GuestFacts& g) { g.nvidia_gpus = Absent{}; }), IsEmpty());
  EXPECT_THAT(after([](GuestFacts& g) { g.errors->push_back("NVRM: Xid (PCI:0000:81:00): 79"); }),
              ElementsAre("guest.kernel-log warn vm"));
  EXPECT_THAT(after([](GuestFacts& g) { g.machine->numa_nodes->front().cpus = CpuSet{0, 1, 2}; }),
              ElementsAre("guest.cells warn vm"));
  EXPECT_THAT(after([](GuestFacts& g) { g.machine->numa_nodes->pop_back(); }),
              ElementsAre("guest.cells fail vm"));
}

TEST(Validate, SaysWhichBarHasNoAddresses) {
  GuestFacts guest = healthy_guest();
  function_of(*guest.machine, kGuestGpu0).bars->at(1).start = 0;
  EXPECT_THAT(finding_of(validate(host_with_guest(), "vm", guest), "guest.bars").message,
              HasSubstr("BAR 1 of"));
}

/// An unassigned I/O BAR does no harm, and a ROM is rarely assigned.
TEST(Validate, LeavesOutIoPortsAndTheRom) {
  Host host = host_with_guest();
  function_of(host, kGpu0).bars->push_back({5, 0, 128, false, false, false});
  function_of(host, kGpu0).bars->push_back({6, 0, 1 << 20, true, false, false});
  EXPECT_THAT(faults(healthy_guest(), {}, host), IsEmpty());
}

TEST(Validate, AnotherDeviceAtThePlaceIsNoGpu) {
  EXPECT_THAT(after([](GuestFacts& g) { function_of(*g.machine, kGuestGpu0).device = 0x1041; }),
              ElementsAre("guest.gpu fail 0000:41:00.0"));
}

/// Bus 5 does not exist: the definition leaves the place of one open, and one of its model is left.
TEST(Validate, TellsByItsIdsAGpuWhosePlaceIsOpen) {
  const Host host = with_definition([](std::string& xml) {
    replace(xml, "bus='0x03' slot='0x00' function='0x0'/>\n    </hostdev>",
            "bus='0x05' slot='0x00' function='0x0'/>\n    </hostdev>");
  });
  EXPECT_THAT(faults(healthy_guest(), {}, host), ElementsAre("guest.node warn 0000:41:00.0"));
}

TEST(Validate, GuessesNothingWhereTheWayIsNotTold) {
  const auto hide = [](GuestFacts& guest) {
    for (PciFunction& function : guest.machine->functions)
      function.root_bus = Unknown{"hidden"}, function.parent = Unknown{"hidden"};
  };
  EXPECT_THAT(after(hide), ElementsAre("guest.gpu unknown 0000:41:00.0", "guest.gpu unknown 0000:c1:00.0"));
  // One of two is missing for certain, whichever it is.
  EXPECT_THAT(after([&](GuestFacts& guest) {
                hide(guest);
                erase(*guest.machine, kGuestGpu1);
              }),
              ElementsAre("guest.gpu fail 0000:41:00.0", "guest.gpu fail 0000:c1:00.0"));
  // Two models: the ids tell.
  Host host = host_with_guest();
  GuestFacts guest = healthy_guest();
  hide(guest);
  function_of(host, kGpu1).device = 0x2684;
  function_of(*guest.machine, kGuestGpu1).device = 0x2684;
  EXPECT_THAT(faults(guest, {}, host), IsEmpty());
}

TEST(Validate, AGuestThatTellsNothingIsUnknownAndFailsNothing) {
  GuestFacts guest;
  const std::string why = "cannot ask the agent of vm: Guest agent is not responding";
  guest.runs_programs = Unknown{why};
  guest.system = Unknown{why};
  guest.machine = Unknown{why};
  guest.nvidia_gpus = Unknown{why};
  guest.errors = Unknown{why};
  guest.bandwidths = Unknown{why};
  const std::vector<Finding> findings = validate(host_with_guest(), "vm", guest, Baseline{});
  EXPECT_THAT(findings, Each(Field(&Finding::verdict, Verdict::Unknown)));
  EXPECT_THAT(findings, Each(Field(&Finding::message, HasSubstr(why))));
  EXPECT_EQ(findings.size(), 1u + 1 + 2 * 5 + 1 + 2 + 1);
  const auto remedy = [&](const char* old, const char* with) {
    const Host host = with_definition([&](std::string& xml) { replace(xml, old, with); });
    return finding_of(validate(host, "vm", guest), "guest.agent").remedy;
  };
  EXPECT_THAT(remedy("state='connected'", "state='disconnected'"), HasSubstr("install qemu-guest-agent in"));
  EXPECT_THAT(remedy("org.qemu.guest_agent.0", "other"), HasSubstr("add <channel type='unix'>"));
  EXPECT_THAT(remedy("state='connected'", ""), HasSubstr("guest-ping"));
}

TEST(Validate, AnAgentThatMayNotRunProgramsIsNamed) {
  GuestFacts guest;
  guest.runs_programs = false;
  guest.machine = Unknown{"its agent may not run programs (guest-exec)"};
  guest.errors = Unknown{"its agent may not run programs (guest-exec)"};
  const std::vector<Finding> findings = validate(host_with_guest(), "vm", guest);
  EXPECT_THAT(findings, Each(Field(&Finding::verdict, Verdict::Unknown)));
  EXPECT_THAT(finding_of(findings, "guest.agent").remedy, HasSubstr("BLOCK_RPCS"));
}

TEST(Validate, AGuestThatIsOffIsUnknown) {
  Host host = host_with_guest();
  host.domains->front().active = false;
  host.domains->front().live_xml.clear();
  const std::vector<Finding> findings = validate(host, "vm", healthy_guest());
  EXPECT_THAT(findings, Each(Field(&Finding::verdict, Verdict::Unknown)));
  EXPECT_EQ(finding_of(findings, "guest.agent").remedy, "virsh start vm");
}

TEST(Validate, RefusesWhatIsNoDomain) {
  EXPECT_EQ(error_of([] { validate(host_with_guest(), "other", {}); }).code(), ErrorCode::NotFound);
  Host host = host_with_guest();
  host.domains = Unknown{"libvirt does not answer"};
  const Error error = error_of([&] { validate(host, "vm", {}); });
  EXPECT_EQ(error.code(), ErrorCode::Unavailable);
  EXPECT_THAT(error.what(), HasSubstr("libvirt does not answer"));
  host.domains = {};
  EXPECT_EQ(error_of([&] { validate(host, "vm", {}); }).code(), ErrorCode::Refused);
}

/// The guest is told the truth about a cell whose memory is far.
TEST(Validate, FindsANodeWhoseMemoryIsFar) {
  const Host host = with_definition([](std::string& xml) {
    replace(xml, "cellid='1' mode='strict' nodeset='1'", "cellid='1' mode='strict' nodeset='0'");
  });
  EXPECT_THAT(faults(healthy_guest(), {}, host), ElementsAre("guest.node fail 0000:c1:00.0"));
}

/// What the host has lost already is no fault of the guest.
TEST(Validate, ALinkThatIsNarrowOnTheHostTooIsAWarning) {
  Host host = host_with_guest();
  function_of(host, kGpu0).link->width = 8;
  GuestFacts guest = healthy_guest();
  function_of(*guest.machine, kGuestGpu0).link->width = 8;
  EXPECT_THAT(faults(guest, {}, host), ElementsAre("guest.link warn 0000:41:00.0"));
}

Baseline baseline() {
  GuestFacts guest = healthy_guest();
  guest.bandwidths = std::vector<Bandwidth>{{kGuestGpu0, 55, 50}, {kGuestGpu1, 55, 50}};
  return seen_in_guest(host_with_guest(), "vm", guest);
}

TEST(Validate, SeesWhatABaselineRecords) {
  const Baseline seen = baseline();
  ASSERT_EQ(seen.gpus.size(), 2u);
  EXPECT_EQ(seen.gpus[0].address, kGpu0);
  EXPECT_EQ(*seen.gpus[0].in_guest, kGuestGpu0);
  EXPECT_EQ(*seen.gpus[1].node, 1);
  EXPECT_EQ(*seen.gpus[1].driver_version, "550.54.15");
  EXPECT_EQ(*seen.gpus[1].to_gpu, 55);
  EXPECT_EQ(baseline_from_json(to_json(seen)), seen);
}

TEST(Validate, ComparesWithABaseline) {
  EXPECT_THAT(faults(healthy_guest(), baseline()), IsEmpty());
  Baseline before = baseline();
  before.gpus[0].driver_version = std::string("535.1");
  EXPECT_THAT(faults(healthy_guest(), before), ElementsAre("guest.baseline warn 0000:41:00.0"));
  before = baseline();
  before.gpus[0].driver = std::string("nouveau");
  EXPECT_THAT(faults(healthy_guest(), before), ElementsAre("guest.baseline warn 0000:41:00.0"));
  before = baseline();
  before.gpus[1].link->width = 32;
  EXPECT_THAT(faults(healthy_guest(), before), ElementsAre("guest.baseline warn 0000:c1:00.0"));
  before = baseline();
  before.gpus.push_back(before.gpus[0]);
  before.gpus.back().address = PciAddress{0, 0xf1, 0, 0};
  EXPECT_THAT(faults(healthy_guest(), before), ElementsAre("guest.baseline fail 0000:f1:00.0"));
  before.domain = "another";
  EXPECT_THAT(faults(healthy_guest(), before), IsEmpty());
}

TEST(Validate, MeasuresBesideABaseline) {
  const auto measured = [](double to_gpu) {
    GuestFacts guest = healthy_guest();
    guest.bandwidths = std::vector<Bandwidth>{{kGuestGpu0, to_gpu, 50}, {kGuestGpu1, 55, 50}};
    return guest;
  };
  EXPECT_THAT(faults(measured(55)), IsEmpty());
  EXPECT_THAT(faults(measured(53), baseline()), IsEmpty());
  EXPECT_THAT(faults(measured(52), baseline()), ElementsAre("guest.bandwidth warn 0000:41:00.0"));
  EXPECT_THAT(faults(measured(43), baseline()), ElementsAre("guest.bandwidth fail 0000:41:00.0"));
  GuestFacts guest = healthy_guest();
  guest.bandwidths = Absent{};
  EXPECT_THAT(faults(guest),
              ElementsAre("guest.bandwidth unknown 0000:41:00.0", "guest.bandwidth unknown 0000:c1:00.0"));
}

/// What a guest says of errors is foreign text.
TEST(Validate, QuotesNoControlCharacters) {
  GuestFacts guest = healthy_guest();
  guest.errors = std::vector<std::string>{"NVRM: Xid \x1b[31mred"};
  EXPECT_THAT(finding_of(validate(host_with_guest(), "vm", guest), "guest.kernel-log").message,
              HasSubstr("\\x1B[31mred"));
}

}  // namespace
}  // namespace gpupass::validate_test
