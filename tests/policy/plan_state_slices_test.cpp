// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "policy/sliced_hosts.hpp"
#include "support/error_of.hpp"
#include "support/open_host.hpp"
#include "support/plan_steps.hpp"
#include "support/shared_hosts.hpp"

namespace gpupass::plan_state_slices_test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
constexpr const char* kOther = "d73f1fa6-489e-4834-9476-d70dabd98c40";
constexpr const char* kRecord = "/etc/gpupass/slices";
constexpr const char* kRecorded = "record what each boot cuts GPUs into";

/// What a file says of the slices of the GPU.
State sliced_so(const std::string& keys) {
  return parse_state("[gpus.\"65:00.0\".slices]\n" + keys + "\n", "node.toml");
}

/// With the file in which boots find what they make.
Host with_record(Host host) {
  host.own_files = std::vector<OwnFile>{{kRecord, Absent{}}};
  return host;
}

Host vgpus() {
  return with_record(for_vgpus());
}

Host mediated(std::vector<std::string> devices = {}) {
  return with_record(for_mediated(std::move(devices)));
}

/// What the driver tells when the plan is done: it lists no type of a function that carries one, and the
/// names of those that fit beside the others.
Host done(const Host& host, const Plan& plan) {
  Host now = after(host, plan);
  for (PciFunction& function : now.functions) {
    if (!function.slicing) continue;
    const PciFunction& before = *find_function(host, function.address);
    if (function.slicing->creatable_vgpus.unknown())
      function.slicing->creatable_vgpus = function.vgpu_type.value_or(0) == 0
                                              ? before.slicing->creatable_vgpus
                                              : Fact<std::vector<VgpuType>>(std::vector<VgpuType>());
    if (!function.slicing->mediated_types) continue;
    for (MediatedType& type : *function.slicing->mediated_types)
      if (type.available.unknown()) type.available = 1u;
  }
  return now;
}

std::vector<std::string> messages_of(const std::vector<Finding>& findings) {
  std::vector<std::string> messages;
  for (const Finding& finding : findings) messages.push_back(finding.message);
  return messages;
}

/// The laws of a declaration: its plan leads to it, then there is nothing to do, and what is exported is so.
Host expect_reached(const Host& host, const State& state) {
  EXPECT_EQ(same_as_declared(compare_state(host, state)), Answer::No);
  const Host now = done(host, plan_state(host, state));
  EXPECT_THAT(messages_of(compare_state(now, state)), IsEmpty());
  EXPECT_THAT(summaries(plan_state(now, state)), IsEmpty());
  const State exported = parse_state(to_toml(state_of(now)), "exported.toml");
  EXPECT_THAT(messages_of(compare_state(now, exported)), IsEmpty()) << to_toml(exported);
  EXPECT_THAT(summaries(plan_state(now, exported)), IsEmpty()) << to_toml(exported);
  return now;
}

/// And the state in which the host was found leads back there.
void expect_reached_and_back(const Host& host, const State& state) {
  const State found = parse_state(to_toml(state_of(host)), "found.toml");
  const Host now = expect_reached(host, state);
  const Host back = done(now, plan_state(now, found));
  EXPECT_THAT(messages_of(compare_state(back, found)), IsEmpty());
  EXPECT_EQ(to_toml(state_of(back)), to_toml(state_of(host)));
}

// --- virtual functions ---

TEST(StateOfSlices, VirtualFunctionsComeFirstAndAlone) {
  const Host host = with_record(whole().build());
  const State state = sliced_so("vfs = 2\nuse = \"whole\"");
  const Plan first = plan_state(host, state);
  EXPECT_THAT(summaries(first), ElementsAre("cut 0000:65:00.0 into 2 virtual functions"));
  EXPECT_THAT(first.notes, ElementsAre(HasSubstr("what else is declared is planned when")));
  EXPECT_EQ(same_as_declared(compare_state(after(host, first), state)), Answer::No) << "more is to be done";
  const Host made = with_record(cut().build());
  const Plan second = plan_state(made, state);
  EXPECT_THAT(summaries(second), Contains("bind 0000:65:00.1 to vfio-pci"));
  EXPECT_EQ(second.steps.back().summary, kRecorded);
  const Host now = after(made, second);
  EXPECT_THAT(messages_of(compare_state(now, state)), IsEmpty());
  EXPECT_THAT(summaries(plan_state(now, state)), IsEmpty());
  EXPECT_THAT(messages_of(compare_state(now, state_of(now))), IsEmpty());
  DeclaredSlices declared = state.gpus.front().slices.value();
  declared.where.clear();
  EXPECT_EQ(state_of(now).gpus.front().slices, declared);
}

TEST(StateOfSlices, MoreVirtualFunctionsThanThereCanBeAreRefusedWithTheirPlace) {
  const Host host = with_record(whole().build());
  const State state = sliced_so("vfs = 5");
  EXPECT_THAT(
      messages_of(compare_state(host, state)),
      Contains("node.toml:1:1: 0000:65:00.0 is declared to have 5 virtual functions, and can have 4"));
  EXPECT_THAT(error_of([&] { plan_state(host, state); }).what(), HasSubstr("node.toml:1:1: 0000:65:00.0"));
  EXPECT_THAT(messages_of(compare_state(host, parse_state("[gpus.\"65:00.0\".slices]\nvfs = 0\n", "n"))),
              IsEmpty());
}

TEST(StateOfSlices, AGpuThatComesBackToItsDriverIsCutAfterwards) {
  Host host = with_record(whole("vfio-pci").build());
  host.functions.front().driver_override = std::string("vfio-pci");
  const State state = parse_state("[gpus.\"65:00.0\"]\nuse = \"host\"\nslices = { vfs = 2 }\n", "node.toml");
  const Plan plan = plan_state(host, state);
  EXPECT_FALSE(plan.steps.empty());
  for (const Step& step : plan.steps) EXPECT_FALSE(std::holds_alternative<SetVirtualFunctions>(step.change));
  EXPECT_THAT(plan.notes, Contains("what 0000:65:00.0 is cut into is planned when its own driver has it"));
}

TEST(StateOfSlices, AVirtualFunctionIsNotCut) {
  const Host host = with_record(cut().build());
  const State state = parse_state("[gpus.\"65:00.1\".slices]\nvfs = 1\n", "node.toml");
  EXPECT_THAT(messages_of(compare_state(host, state)), Contains(HasSubstr("is a virtual function")));
  EXPECT_THROW(plan_state(host, state), Error);
}

TEST(StateOfSlices, AVirtualFunctionThatAGuestHasIsNeitherOfTheTwo) {
  Host host = with_record(cut("vfio-pci").build());
  host.domains->push_back({"a", "", true, true, false, {kSecondSlice}, {kSecondSlice}, {}, "", ""});
  EXPECT_THAT(messages_of(compare_state(host, sliced_so("vfs = 2\nuse = \"host\"\nboot = false"))),
              IsEmpty());
  host.domains->clear();
  EXPECT_THAT(
      messages_of(compare_state(host, sliced_so("vfs = 2\nuse = \"host\"\nboot = false"))),
      ElementsAre(HasSubstr("to have its virtual functions with the host, and has not: 0000:65:00.2")));
}

// --- vGPUs ---

TEST(StateOfSlices, VgpusAreCountedByTheNamesOfThisCard) {
  const State state = sliced_so("types = { \"L40S-1B\" = 2 }");
  const Plan plan = plan_state(vgpus(), state);
  EXPECT_THAT(summaries(plan), ElementsAre("make 0000:65:00.1 a vGPU of type 1145",
                                           "make 0000:65:00.2 a vGPU of type 1145", kRecorded));
  EXPECT_THAT(std::get<SetOwnFile>(plan.steps.back().change).content.value_or(""),
              HasSubstr("\"L40S-1B\" = { id = \"1145\", slices = [\"0000:65:00.1\", \"0000:65:00.2\"] }"));
  expect_reached_and_back(vgpus(), state);
}

TEST(StateOfSlices, VgpusAreMixedAndNamedByTheirFunctions) {
  expect_reached_and_back(vgpus(), sliced_so("types = { \"1145\" = 1, \"L40S-2B\" = 1 }"));
  const State state = sliced_so("types = { \"1145\" = [\"65:00.2\"], \"1150\" = 1 }");
  EXPECT_THAT(summaries(plan_state(vgpus(), state)),
              ElementsAre("make 0000:65:00.2 a vGPU of type 1145", "make 0000:65:00.1 a vGPU of type 1150",
                          kRecorded));
  expect_reached_and_back(vgpus(), state);
}

/// The driver may not have the room for both at once.
TEST(StateOfSlices, WhatIsNotDeclaredGoesBeforeTheOthersCome) {
  const Host one = expect_reached(vgpus(), sliced_so("types = { \"1145\" = 2 }"));
  const State other = sliced_so("types = { \"1150\" = 2 }");
  EXPECT_THAT(
      summaries(plan_state(one, other)),
      ElementsAre("take the vGPU of type 1145 of 0000:65:00.1 away",
                  "take the vGPU of type 1145 of 0000:65:00.2 away", "make 0000:65:00.1 a vGPU of type 1150",
                  "make 0000:65:00.2 a vGPU of type 1150", kRecorded));
  expect_reached(one, other);
}

TEST(StateOfSlices, OneThatIsInUseOrWantedStaysWithItsHolderAndRemedy) {
  const Host one = expect_reached(vgpus(), sliced_so("types = { \"1145\" = 2 }"));
  Host held = one;
  held.holders->push_back({6, 4711, "qemu"});
  const Error in_use = error_of([&] { plan_state(held, sliced_so("types = {}")); });
  EXPECT_THAT(in_use.what(), HasSubstr("0000:65:00.1 is held by qemu (process 4711)"));
  EXPECT_THAT(in_use.hint(), HasSubstr("end the guest"));
  EXPECT_THAT(summaries(plan_state(held, sliced_so("types = { \"1145\" = 1 }"))),
              ElementsAre("take the vGPU of type 1145 of 0000:65:00.2 away", kRecorded))
      << "of too many the one that is in use stays";
  Host wanted = one;
  wanted.domains->push_back({"a", "", false, true, false, {}, {kFirstSlice}, {}, "", ""});
  EXPECT_THAT(error_of([&] { plan_state(wanted, sliced_so("types = {}")); }).what(),
              HasSubstr("guest a is defined with 0000:65:00.1"));
}

TEST(StateOfSlices, ATypeOfAnotherCardIsRefusedByName) {
  const State state = sliced_so("types = { \"A100-40C\" = 1 }");
  const Error error = error_of([&] { plan_state(vgpus(), state); });
  EXPECT_THAT(error.what(), HasSubstr("node.toml:2:11: 0000:65:00.0 has no type called \"A100-40C\""));
  EXPECT_THAT(error.hint(), HasSubstr("it has: 1145 (NVIDIA L40S-1B), 1150 (NVIDIA L40S-2B)"));
  EXPECT_EQ(same_as_declared(compare_state(vgpus(), state)), Answer::No);
  EXPECT_THAT(error_of([&] {
                plan_state(vgpus(), sliced_so("types.\"L40S-1B\" = { id = \"1150\", count = 1 }"));
              }).what(),
              HasSubstr("has \"L40S-1B\" as type 1145, and not as 1150"));
  EXPECT_THAT(
      error_of([&] { plan_state(vgpus(), sliced_so("types = { \"L40S-1B\" = 1, \"1145\" = 1 }")); }).what(),
      HasSubstr("has one type that is called"));
}

/// NVIDIA's driver forgets the name of a type of which it can make no more.
TEST(StateOfSlices, ANameThatNobodyTellsAnyMoreIsKnownFromTheRecordOrNotAtAll) {
  const State state = sliced_so("types = { \"L40S-1B\" = 1 }");
  Host full = expect_reached(vgpus(), state);
  full.functions[2].slicing->creatable_vgpus = std::vector<VgpuType>();
  EXPECT_THAT(messages_of(compare_state(full, state)), IsEmpty());
  EXPECT_THAT(summaries(plan_state(full, state)), IsEmpty());
  const Host forgotten = with_record(full);
  EXPECT_EQ(
      same_as_declared(compare_state(forgotten, sliced_so("types = { \"L40S-1B\" = 1 }\nboot = false"))),
      Answer::Unknown);
  EXPECT_THAT(error_of([&] { plan_state(forgotten, state); }).hint(), HasSubstr("name the type by its id"));
  EXPECT_THAT(messages_of(compare_state(forgotten, sliced_so("types = { \"1145\" = 1 }\nboot = false"))),
              IsEmpty());
}

/// The card is full of another type, and so its driver does not tell the one that is declared.
TEST(StateOfSlices, ANameIsLookedUpWhenThereIsRoom) {
  Host full = expect_reached(vgpus(), sliced_so("types = { \"L40S-1B\" = 2 }"));
  const State other = sliced_so("types = { \"L40S-2B\" = 2 }");
  const Plan first = plan_state(full, other);
  EXPECT_THAT(summaries(first), ElementsAre("take the vGPU of type 1145 of 0000:65:00.1 away",
                                            "take the vGPU of type 1145 of 0000:65:00.2 away", kRecorded));
  EXPECT_THAT(first.notes, Contains(HasSubstr("is planned when its driver tells the types")));
  const Host empty = after(full, first);
  Host now = vgpus();
  now.own_files = empty.own_files;
  expect_reached(now, other);
}

TEST(StateOfSlices, WhatTheDriverHasNoRoomForIsRefused) {
  EXPECT_THAT(error_of([] { plan_state(vgpus(), sliced_so("types = { \"1145\" = 3 }")); }).what(),
              HasSubstr("saw 2 free virtual functions that can have type 1145, expected 3"));
  EXPECT_THAT(error_of([] { plan_state(vgpus(), sliced_so("types = { \"1145\" = [\"66:00.0\"] }")); }).code(),
              testing::AnyOf(ErrorCode::NotFound, ErrorCode::Refused));
  EXPECT_THAT(error_of([] {
                plan_state(vgpus(), sliced_so(fmt::format("types = {{ \"1145\" = [\"{}\"] }}", kUuid)));
              }).what(),
              HasSubstr("type 1145 is one of vGPUs, which have no UUIDs"));
}

// --- mediated devices ---

TEST(StateOfSlices, MediatedDevicesAreCountedOrNamed) {
  expect_reached_and_back(mediated(), sliced_so("types = { \"T4-1B\" = 2 }"));
  const State named = sliced_so(fmt::format("types = {{ \"T4-1B\" = [\"{}\"], \"T4-2B\" = 1 }}", kUuid));
  EXPECT_THAT(summaries(plan_state(mediated(), named)),
              ElementsAre(HasSubstr(kUuid), HasSubstr("type nvidia-223"), kRecorded));
  expect_reached_and_back(mediated(), named);
  EXPECT_THAT(summaries(plan_state(mediated({kOther}), named)),
              ElementsAre(StartsWith("remove the mediated device " + std::string(kOther)), HasSubstr(kUuid),
                          HasSubstr("type nvidia-223"), kRecorded));
}

/// One thing makes them at boot. What mdevctl keeps goes for good with a device that is not declared.
TEST(StateOfSlices, MdevctlForgetsWhatIsNotDeclared) {
  Host host = mediated({kUuid});
  host.mediated_definitions = std::vector<MediatedDefinition>{{kSliceable, kUuid, "nvidia-222", true}};
  const State named = sliced_so(fmt::format("types = {{ \"T4-1B\" = [\"{}\"] }}", kUuid));
  EXPECT_THAT(summaries(plan_state(host, named)), ElementsAre(kRecorded)) << "it stays as it is";
  EXPECT_THAT(summaries(plan_state(host, sliced_so("types = {}"))),
              ElementsAre(HasSubstr("have mdevctl forget"), HasSubstr("remove the mediated device")));
}

// --- what is not said, and what is exported ---

TEST(StateOfSlices, WhatIsNotSaidStays) {
  for (const char* keys : {"", "vfs = 2", "boot = false"}) {
    const Host one = with_record(with_vgpu());
    for (const Step& step : plan_state(one, sliced_so(keys)).steps)
      EXPECT_EQ(step.summary, kRecorded) << keys;
  }
  EXPECT_THAT(summaries(plan_state(with_record(with_vgpu()), parse_state("[gpus.\"65:00.0\"]\n", "n"))),
              IsEmpty());
}

TEST(StateOfSlices, WhatNoBootMakesIsExportedSo) {
  const State state = state_of(with_record(with_vgpu()));
  const DeclaredSlices& slices = state.gpus.front().slices.value();
  EXPECT_EQ(slices.boot, false);
  EXPECT_EQ(slices.vfs, 2u);
  ASSERT_EQ(slices.types.value().size(), 1u);
  EXPECT_EQ(slices.types->front(), (DeclaredType{.type = "1145", .count = 1, .slices = {kFirstSlice}}));
  DeclaredSlices none;
  none.vfs = 0;
  EXPECT_EQ(state_of(with_record(whole().build())).gpus.front().slices, none);
  EXPECT_FALSE(state_of(with_record(one_card().build())).gpus.front().slices) << "it cannot be cut";
}

TEST(StateOfSlices, OneThatIsRecordedAndNotThereIsNotExportedAndStaysRecorded) {
  const Host made = expect_reached(vgpus(), sliced_so("types = { \"1145\" = 1 }"));
  Host gone = made;
  gone.functions[1].vgpu_type = 0u;
  gone.functions[1].slicing->creatable_vgpus = gone.functions[2].slicing->creatable_vgpus;
  EXPECT_FALSE(state_of(gone).gpus.front().slices);
  EXPECT_THAT(summaries(plan_state(gone, state_of(gone))), IsEmpty());
  EXPECT_THAT(messages_of(compare_state(gone, sliced_so("types = { \"1145\" = 1 }"))),
              ElementsAre("node.toml:2:11: 0000:65:00.0 is declared to have 1 of type 1145, and has 0"));
}

TEST(StateOfSlices, WhatCannotBeReadIsUnknown) {
  Host host = vgpus();
  host.own_files->front().content = std::string("no TOML");
  EXPECT_FALSE(state_of(host).gpus.front().slices);
  EXPECT_THAT(compare_state(host, sliced_so("vfs = 2")),
              Contains(Field(&Finding::verdict, Verdict::Unknown)));
  EXPECT_THAT(error_of([&] { plan_state(host, sliced_so("vfs = 2")); }).hint(),
              HasSubstr("/etc/gpupass/slices is damaged, remove it"));
  host = vgpus();
  host.functions[1].vgpu_type = Unknown{"no answer"};
  EXPECT_EQ(same_as_declared(compare_state(host, sliced_so("types = {}\nboot = false"))), Answer::Unknown);
  EXPECT_THROW(plan_state(host, sliced_so("types = {}")), Error);
}

// --- boot ---

/// The slices are gone after a boot; the record is not.
Host booted(Host host) {
  const Host fresh = for_vgpus();
  for (PciFunction& function : host.functions) function = *find_function(fresh, function.address);
  host.domains = {};  // Nobody may ask libvirt here.
  return host;
}

TEST(StateOfSlices, ABootMakesWhatIsRecorded) {
  const State state = sliced_so("types = { \"L40S-1B\" = 1, \"1150\" = [\"65:00.2\"] }");
  const Host boot = booted(expect_reached(vgpus(), state));
  const BootPlans plans = plan_boot_slices(boot);
  ASSERT_EQ(plans.plans.size(), 1u);
  EXPECT_THAT(summaries(plans.plans.front()),
              ElementsAre("make 0000:65:00.2 a vGPU of type 1150", "make 0000:65:00.1 a vGPU of type 1145"));
  EXPECT_TRUE(plans.refusals.empty() && plans.findings.empty());
  const Host now = done(boot, plans.plans.front());
  EXPECT_TRUE(plan_boot_slices(now).plans.empty());
}

/// Of three devices the one stays that a guest is defined with, and comes with every boot.
TEST(StateOfSlices, ABootMakesTheDevicesThatGuestsKnow) {
  Host host = with_record(for_mediated());
  host.functions.front().slicing->mediated_types->front().available = 3u;
  host = expect_reached(host, sliced_so("types = { \"T4-1B\" = 3 }"));
  const std::vector<std::string> all = *host.functions.front().slicing->mediated_types->front().devices;
  ASSERT_EQ(all.size(), 3u);
  host.domains->push_back({"a", "", false, true, false, {}, {*DeviceId::parse(all.back())}, {}, "", ""});
  const Host one = expect_reached(host, sliced_so("types = { \"T4-1B\" = 1 }"));
  Host boot = one;
  boot.functions.front() = mediated().functions.front();
  boot.domains = {};
  EXPECT_THAT(summaries(plan_boot_slices(boot).plans.front()), ElementsAre(HasSubstr(all.back())));
}

TEST(StateOfSlices, ABootTakesNothingAway) {
  Host boot = booted(expect_reached(vgpus(), sliced_so("types = { \"1145\" = [\"65:00.2\"] }")));
  boot.functions[1].vgpu_type = 1150u;
  EXPECT_THAT(summaries(plan_boot_slices(boot).plans.front()),
              ElementsAre("make 0000:65:00.2 a vGPU of type 1145"));
  Host other = booted(with_record(whole().build()));
  EXPECT_TRUE(plan_boot_slices(other).plans.empty());
}

TEST(StateOfSlices, ABootCutsOnlyTheCardThatIsMeant) {
  Host boot = booted(expect_reached(vgpus(), sliced_so("types = { \"1145\" = 1 }")));
  boot.functions[0].device = std::uint16_t{0x2331};
  const BootPlans plans = plan_boot_slices(boot);
  EXPECT_TRUE(plans.plans.empty());
  EXPECT_THAT(plans.findings, ElementsAre(Field(&Finding::id, "state.device")));
}

TEST(StateOfSlices, WhatIsDeclaredNotForBootsIsForgotten) {
  const Host made = expect_reached(vgpus(), sliced_so("types = { \"1145\" = 1 }"));
  const State here = sliced_so("types = { \"1145\" = 1 }\nboot = false");
  EXPECT_THAT(summaries(plan_state(made, here)), ElementsAre("no longer cut GPUs into slices at boot"));
  EXPECT_THAT(messages_of(compare_state(made, here)),
              ElementsAre(HasSubstr("declared not to be cut at boot")));
}

// --- vgpu-device-manager ---

TEST(VgpuState, SetsTheTypesOfWhatMatchesAndNothingElse) {
  const VgpuLabels labels = parse_vgpu_file(R"(version: v1
vgpu-configs:
  default:
    - devices: all
      vgpu-devices: {"L40S-2B": 1}
  small:
    - device-filter: "0x233010DE"
      devices: [0]
      vgpu-devices: {"L40S-1B": 2}
  other:
    - device-filter: ["0x999910DE"]
      devices: all
      vgpu-devices: {"A100-4C": 10}
  foreign:
    - devices: all
      vgpu-devices: {"A100-4C": 10}
  none:
    - {devices: all, vgpu-devices: {"L40S-1B": 2}}
    - {devices: all, vgpu-devices: {}}
)",
                                            "config.yaml");
  const Host host = vgpus();
  EXPECT_THAT(summaries(plan_state(host, vgpu_state(host, labels, "default"))),
              ElementsAre("make 0000:65:00.1 a vGPU of type 1150", kRecorded));
  const Host small = expect_reached(host, vgpu_state(host, labels, "small"));
  EXPECT_EQ(small.functions[2].vgpu_type, Fact<unsigned>(1145u));
  EXPECT_THAT(summaries(plan_state(small, vgpu_state(small, labels, "other"))), IsEmpty());
  EXPECT_THAT(error_of([&] { plan_state(host, vgpu_state(host, labels, "foreign")); }).what(),
              HasSubstr("config.yaml:15 (foreign): 0000:65:00.0 has no type called \"A100-4C\""));
  expect_reached(small, vgpu_state(small, labels, "none"));
  EXPECT_EQ(error_of([&] { vgpu_state(host, labels, "huge"); }).code(), ErrorCode::NotFound);
}

// --- captured machines ---

std::string line_of(const std::filesystem::path& path) {
  std::string line;
  std::getline(std::ifstream(path) >> std::ws, line);
  return line;
}

/// The types of an L40S, as its driver listed them for a virtual function.
std::vector<VgpuType> types_of_l40s() {
  std::ifstream list(unpacked("nvidia-vgpu-sysfs/harvester-vgpu.tar.xz") +
                     "/sys/bus/pci/devices/0000:26:00.4/nvidia/creatable_vgpu_types");
  std::vector<VgpuType> types;
  for (std::string line; std::getline(list, line);)
    if (const auto colon = line.find(" : "); colon != line.npos && line.front() != 'I')
      types.push_back({static_cast<unsigned>(std::stoul(line)), line.substr(colon + 3)});
  return types;
}

/// The types of mediated devices of an A2, as one of its virtual functions had them.
std::vector<MediatedType> types_of_a2() {
  const std::filesystem::path folder = unpacked("nvidia-vgpu-sysfs/harvester-vgpu.tar.xz") +
                                       "/sys/class/mdev_bus/0000:08:01.7/mdev_supported_types";
  std::vector<MediatedType> types;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    types.push_back({entry.path().filename().string(), line_of(entry.path() / "name"), Absent{},
                     std::string("vfio-pci"), 1u, std::vector<std::string>()});
  std::ranges::sort(types, {}, &MediatedType::type);
  return types;
}

/// The same names are other types on other cards, or none.
TEST(StateOfSlices, EveryTypeOfACapturedCardIsMadeThereAndRefusedByNameElsewhere) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::vector<VgpuType> l40s = types_of_l40s();
  const std::vector<MediatedType> a2 = types_of_a2();
  ASSERT_EQ(l40s.size(), 23u);
  ASSERT_EQ(a2.size(), 15u);
  const Host of_l40s = with_record(for_vgpus(l40s));
  Host of_a2 = mediated();
  of_a2.functions.front().slicing->mediated_types = a2;
  const auto declared = [](const std::string& name) {
    return sliced_so(fmt::format("types = {{ \"{}\" = 1 }}", name));
  };
  for (const VgpuType& type : l40s) {
    EXPECT_THAT(summaries(plan_state(of_l40s, declared(type.name))),
                ElementsAre(fmt::format("make 0000:65:00.1 a vGPU of type {}", type.id), kRecorded));
    EXPECT_THAT(error_of([&] { plan_state(of_a2, declared(type.name)); }).what(),
                HasSubstr(fmt::format("has no type called \"{}\"", type.name)));
  }
  for (const MediatedType& type : a2) {
    EXPECT_THAT(summaries(plan_state(of_a2, declared(*type.name))),
                ElementsAre(HasSubstr("type " + type.type), kRecorded));
    EXPECT_THAT(error_of([&] { plan_state(of_l40s, declared(*type.name)); }).what(),
                HasSubstr(fmt::format("has no type called \"{}\"", *type.name)));
  }
}

TEST(StateOfSlices, WhatIsExportedIsSoOnEveryCapturedMachine) {
  SKIP_WITHOUT_SHARED_HOSTS();
  unsigned machines = 0, sliced = 0;
  for (const SharedTree& tree : shared_trees()) {
    const Host host = probe(*open_host(tree.root), {needs(Verb::State), {}});
    const State state = state_of(host);
    for (const DeclaredGpu& gpu : state.gpus) sliced += gpu.slices ? 1 : 0;
    const State exported = parse_state(to_toml(state), "exported.toml");
    EXPECT_EQ(to_toml(exported), to_toml(state)) << tree.name;
    EXPECT_THAT(messages_of(compare_state(host, state)), Each(Not(HasSubstr("slices")))) << tree.name;
    EXPECT_EQ(messages_of(compare_state(host, exported)), messages_of(compare_state(host, state)))
        << tree.name;
    if (!compare_state(host, state).empty()) continue;
    EXPECT_THAT(summaries(plan_state(host, exported)), IsEmpty()) << tree.name;
    ++machines;
  }
  fmt::print(
      "declared slices: {} machines exported and applied without a change, {} GPUs with slices declared\n",
      machines, sliced);
  EXPECT_GT(machines, 0u);
}

}  // namespace
}  // namespace gpupass::plan_state_slices_test
