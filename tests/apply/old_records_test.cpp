// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "apply/machine.hpp"
#include "codec/boot_file.hpp"
#include "codec/home_file.hpp"
#include "codec/own_records.hpp"
#include "codec/wedged_file.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/json.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/state.hpp"
#include "support/folders.hpp"
#include "system/capture/format.hpp"

/// tests/records holds files as the program wrote them while this was its format. Nobody edits them: each is
/// read for ever, and means what it meant. A change of a format adds a folder.
namespace gpupass::old_records_test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string record(const std::string& name) {
  const std::string path = source_path("tests/records/format-1/" + name);
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// As System::read() gives it.
std::string record_as_read(const std::string& name) {
  std::string text = record(name);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Home known_home() {
  Home home;
  home.address = kGpu;
  home.state = {"nvidia", ""};
  home.identity.vendor = 0x10de;
  home.identity.device = 0x20b0;
  home.d3cold_allowed = true;
  home.persistence = false;
  home.identity.subsystem_vendor = 0x10de;
  home.identity.subsystem_device = 0x145f;
  home.identity.serial = "48b02d0000a1b2c3";
  home.identity.uuid = "GPU-7c5b8f0e-1d2c-4b3a-9f8e-001122334455";
  home.identity.path = "pci0000:64/00.0/00.0";
  return home;
}

std::vector<BootBinding> known_bindings() {
  BootBinding gpu, audio;
  gpu.address = kGpu;
  gpu.identity.vendor = 0x10de;
  gpu.identity.device = 0x20b0;
  gpu.identity.subsystem_vendor = 0x10de;
  gpu.identity.subsystem_device = 0x145f;
  gpu.identity.serial = "48b02d0000a1b2c3";
  audio = gpu;
  audio.address = kAudio;
  audio.identity.device = 0x1aef;
  audio.identity.serial = "";
  return {gpu, audio};
}

/// One step of each kind of change.
Plan known_plan() {
  SetDevice attached;
  attached.domain = "win\"11";
  attached.device = kGpu;
  attached.scope = Scope::Live;
  attached.present = true;
  attached.xml = "<hostdev mode='subsystem' type='pci'/>";
  SetDevice detached = attached;
  detached.present = false;
  SetBootBindings boot;
  boot.bindings = known_bindings();
  boot.tool = BootTool::Dracut;
  boot.images = {{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"}};
  SetBootBindings no_boot = boot;
  no_boot.bindings.clear();
  Plan plan;
  plan.assumes = {{Assumption::Kind::Link, "/sys/bus/pci/devices/0000:65:00.0/driver", "nvidia"},
                  {Assumption::Kind::Attribute, "/sys/bus/pci/devices/0000:65:00.0/vendor", "0x10de"},
                  {Assumption::Kind::Domain, "win\"11", "absent"}};
  plan.steps = {
      {"record the home", "so that release finds it", SetHome{kGpu, known_home()},
       SetHome{kGpu, std::nullopt}},
      {"load vfio-pci", "a loaded module changes nothing", LoadModule{"vfio-pci"}, std::nullopt},
      {"stop the service", "it holds the GPU", SetService{"dcgm.service", false},
       SetService{"dcgm.service", true}},
      {"let go", "", SetPersistence{kGpu, false}, SetPersistence{kGpu, true}},
      {"bind", "", SetDriver{kGpu, {"vfio-pci", "vfio-pci"}}, SetDriver{kGpu, {"nvidia", ""}, true}},
      {"stay awake", "", SetD3cold{kGpu, false}, SetD3cold{kGpu, true}},
      {"define", "", SetDomain{"win\"11", "<domain>\xc3\xbc</domain>"}, SetDomain{"win\"11", std::nullopt}},
      {"note the devices", "", SetMetadata{"win\"11", "<vm/>"}, SetMetadata{"win\"11", ""}},
      {"start", "", SetPower{"win\"11", true}, SetPower{"win\"11", false}},
      {"attach", "", attached, detached},
      {"bind at boot", "", boot, no_boot},
  };
  plan.notes = {"a note", "bytes that are no UTF-8: \xff"};
  return plan;
}

Recording known_recording() {
  using Kind = Entry::Kind;
  Recording recording;
  const std::string gpu = "/sys/bus/pci/devices/0000:65:00.0/";
  recording.directories["/sys/bus/pci/devices"].listed = true;
  recording.set("/sys/bus/pci/devices/0000:65:00.0", {Kind::Seen, ""});
  recording.set(gpu + "class", {Kind::File, "0x030200"});
  recording.set(gpu + "config", {Kind::File, std::string("\xde\x10\xb0\x20", 4) + std::string(60, '\0')});
  recording.set(gpu + "driver", {Kind::Link, "../../../../bus/pci/drivers/nvidia"});
  recording.set(gpu + "resource", {Kind::File, "0x0 0xf\n0x10\t0x1f\n"});
  recording.set(gpu + "rom", {Kind::Denied, "Permission denied"});
  recording.set(gpu + "sriov_totalvfs", {Kind::Absent, ""});
  recording.cpu_topology = CpuTopology{CpuSet{0, 1, 2, 3},
                                       {{0, CpuSet{0, 1, 2, 3}}},
                                       {{3, 32 << 20, CpuSet{0, 1, 2, 3}}},
                                       {{CpuSet{0, 2}}, {CpuSet{1, 3}}}};
  DomainXml domain;
  domain.name = "guest1";
  domain.active = domain.persistent = true;
  domain.live_xml = "<domain>\n  <name>guest1</name>\n</domain>";
  domain.persistent_xml = "<domain/>";
  recording.domains = std::vector<DomainXml>{domain};
  return recording;
}

/// The fake machine with the journal of the records.
std::unique_ptr<FakeKernel> machine_with_journal() {
  auto kernel = workstation();
  FakeState state = kernel->state();
  for (const auto& file :
       std::filesystem::directory_iterator(source_path("tests/records/format-1/journal"))) {
    const std::string name = file.path().filename();
    state.journal["/var/lib/gpupass/journal/" + name] = record("journal/" + name);
  }
  kernel->restore(state);
  return kernel;
}

TEST(OldRecords, TheJournalIsRead) {
  const auto kernel = machine_with_journal();
  const std::vector<Operation> operations = read_journal(*kernel);
  ASSERT_THAT(operations, SizeIs(6));
  const auto expect = [](const Operation& operation, std::optional<Outcome> outcome, std::size_t started) {
    EXPECT_EQ(operation.outcome, outcome) << operation.id;
    EXPECT_EQ(operation.started, started) << operation.id;
    EXPECT_EQ(operation.hypervisor, "qemu:///system") << operation.id;
    EXPECT_GT(operation.time, 1'760'000'000) << operation.id;
    EXPECT_FALSE(operation.boot_id.empty()) << operation.id;
  };
  expect(operations[0], Outcome::Done, 8);
  expect(operations[1], Outcome::RolledBack, 5);
  expect(operations[2], std::nullopt, 5);
  expect(operations[3], Outcome::RollbackIncomplete, 7);
  EXPECT_THAT(operations[3].left, ElementsAre(0, 2, 5, 6));
  expect(operations[4], Outcome::Wedged, 6);
  EXPECT_THAT(operations[4].left, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  expect(operations[5], Outcome::Done, 11);
  EXPECT_EQ(operations[5].plan, known_plan());
  EXPECT_THAT(interrupted_operations(*kernel), SizeIs(3));
}

TEST(OldRecords, WhatWasCutOffIsRecovered) {
  const auto kernel = machine_with_journal();
  const FakeState home = kernel->state();
  const Operation cut_off = read_journal(*kernel)[2];
  EXPECT_EQ(recover(*kernel, cut_off).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), home);
}

TEST(OldRecords, AHomeIsRead) {
  EXPECT_EQ(parse_home_file(kGpu, record_as_read("home")), known_home());
  Home earlier;  // Of the first home files, which knew the ids alone.
  earlier.address = kGpu;
  earlier.state = {"nvidia", ""};
  earlier.identity.vendor = 0x10de;
  earlier.identity.device = 0x20b0;
  EXPECT_EQ(parse_home_file(kGpu, record_as_read("home-without-identity")), earlier);
}

TEST(OldRecords, WhatIsBoundAtBootIsRead) {
  EXPECT_EQ(parse_boot_file(record_as_read("boot-bindings")), known_bindings());
}

TEST(OldRecords, AWedgedDeviceIsKnown) {
  const auto kernel = workstation();
  FakeState state = kernel->state();
  state.files[wedged_path(kGpu)] = record("wedged");
  kernel->restore(state);
  kernel->hold_lock_of(kGpu);
  EXPECT_THAT(probe(*kernel, {}).wedged.value_or({}), ElementsAre(kGpu));
}

TEST(OldRecords, APlanIsRead) {
  EXPECT_EQ(plan_from_json(record("plan.json")), known_plan());
}

/// A kind of change that came later.
TEST(OldRecords, APlanWithAHookOfBootImagesIsRead) {
  const std::string path = "/usr/share/initramfs-tools/hooks/gpupass";
  EXPECT_EQ(plan_from_json(record("plan-boot-hook.json")),
            (Plan{{},
                  {{"install the hook", "", SetOwnFile{path, "#!/bin/sh"}, SetOwnFile{path, std::nullopt}}},
                  {}}));
}

TEST(OldRecords, WhatWasDeclaredIsRead) {
  const PciAddress gpu = kGpu;
  const Identity identity{.vendor = 0x10de,
                          .device = 0x2330,
                          .subsystem_vendor = 0x10de,
                          .subsystem_device = 0x16c1,
                          .serial = "48b02d0000a1b2c3"};
  const RequestDefaults defaults{NumaPolicy::Socket, std::uint64_t{1} << 30, VirtType::Kvm, Firmware::Uefi};
  EXPECT_EQ(parse_settings_file(record("settings.json")),
            (Settings{{{"left", gpu, identity}}, *CpuSet::parse("0-1"), {"dcgm.service"}, defaults}));
  EXPECT_EQ(parse_quarantine_file(record("quarantine.json")),
            (std::vector<Quarantined>{{gpu, identity, "fell off the bus"}}));
  const State state = parse_state(record("state.toml"), "state.toml");
  EXPECT_EQ(to_toml(state), record("state.toml"));
}

TEST(OldRecords, APlanWithCloudInitsDataIsRead) {
  const std::string data = "#cloud-config\n";
  EXPECT_EQ(
      plan_from_json(record("plan-seed.json")),
      (Plan{{}, {{"write the image", "", SetSeed{"new", data, true}, SetSeed{"new", data, false}}}, {}}));
}

TEST(OldRecords, ACaptureIsRead) {
  EXPECT_EQ(parse_capture(record("machine.host"), "machine.host"), known_recording());
}

}  // namespace
}  // namespace gpupass::old_records_test
