// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/boot_hooks.hpp"
#include "support/host_builder.hpp"

namespace gpupass::plan_state_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kGpu = address("0000:65:00.0");
const PciAddress kAudio = address("0000:65:00.1");

Host card() {
  Host host = one_card().build();
  for (PciFunction& function : host.functions) {
    function.subsystem_vendor = std::uint16_t{0x10de};
    function.subsystem_device = std::uint16_t{0x16c1};
  }
  host.boot_bindings = std::vector<BootBinding>{};
  host.boot_images = BootImages{BootTool::InitramfsTools,
                                boot_hooks(BootTool::InitramfsTools),
                                {{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"}}};
  return host;
}

State declared(const std::string& toml) {
  return parse_state(toml, "node.toml");
}

std::vector<std::string> ids_of(const std::vector<Finding>& findings) {
  std::vector<std::string> ids;
  for (const Finding& finding : findings) ids.push_back(finding.id);
  return ids;
}

TEST(PlanState, WhatIsExportedIsSo) {
  const Host host = card();
  EXPECT_THAT(compare_state(host, state_of(host)), IsEmpty());
  EXPECT_TRUE(plan_state(host, state_of(host)).steps.empty());
  EXPECT_THAT(compare_state(host, declared(to_toml(state_of(host)))), IsEmpty());
}

/// A GPU that each boot binds without its audio function, or its audio function alone.
TEST(PlanState, WhatIsBoundAtBootInPartIsNotDeclared) {
  const Host home = card();
  const Host whole = after(home, plan_state(home, declared("[gpus.\"65:00.0\"]\nuse = \"whole\"\n")));
  const std::vector<BootBinding> all = *whole.boot_bindings;
  for (Host host : {home, whole})
    for (const BootBinding& one : all) {
      host.boot_bindings = std::vector{one};
      const State state = state_of(host);
      EXPECT_FALSE(state.gpus.back().use || state.gpus.back().boot);
      EXPECT_THAT(ids_of(compare_state(host, declared(to_toml(state)))), IsEmpty());
      EXPECT_TRUE(plan_state(host, state).steps.empty());
    }
}

TEST(PlanState, ThePlanLeadsToWhatIsDeclaredAndASecondOneIsEmpty) {
  for (const char* toml :
       {"[gpus.\"65:00.0\"]\nuse = \"whole\"\n", "[gpus.\"65:00.0\"]\nuse = \"whole\"\nboot = false\n",
        "[gpus.\"65:00.0\"]\nuse = \"host\"\nboot = true\n", "[gpus.\"65:00.0\"]\nname = \"left\"\n",
        "[host]\nreserve_cpus = \"0\"\nstop = [\"a.service\"]\n[defaults]\nnuma = \"preferred\"\n"}) {
    const State state = declared(toml);
    Host host = card();
    EXPECT_EQ(same_as_declared(compare_state(host, state)), Answer::No) << toml;
    host = after(host, plan_state(host, state));
    EXPECT_THAT(ids_of(compare_state(host, state)), IsEmpty()) << toml;
    EXPECT_TRUE(plan_state(host, state).steps.empty()) << toml;
    EXPECT_THAT(compare_state(host, state_of(host)), IsEmpty()) << toml;
    const State home = state_of(card());
    host = after(host, plan_state(host, home));
    EXPECT_THAT(ids_of(compare_state(host, home)), IsEmpty()) << toml;
  }
}

TEST(PlanState, WhatIsNotListedStays) {
  const Host host = after(card(), plan_bind(card(), {kGpu}));
  EXPECT_TRUE(plan_state(host, {}).steps.empty());
}

TEST(PlanState, ADeviceThatIsNotTheDeclaredOneIsRefused) {
  const Host host = card();
  for (const char* toml :
       {"[gpus.\"66:00.0\"]\nuse = \"whole\"\n", "[gpus.\"65:00.0\"]\nid = \"10de:2331\"\nuse = \"whole\"\n",
        "[gpus.\"65:00.1\"]\n", "[gpus.\"serial:1\"]\nuse = \"host\"\n"}) {
    EXPECT_THAT(compare_state(host, declared(toml)), Contains(Field(&Finding::id, "state.device"))) << toml;
    EXPECT_THROW(plan_state(host, declared(toml)), Error) << toml;
  }
}

TEST(PlanState, GpusThatMoveTogetherAreNotDeclaredApart) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .gpu("0000:66:00.0")
                        .group(12, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  const State state = declared("[gpus.\"65:00.0\"]\nuse = \"whole\"\n[gpus.\"66:00.0\"]\nuse = \"host\"\n");
  EXPECT_THAT(compare_state(host, state), Contains(Field(&Finding::id, "state.conflict")));
}

TEST(PlanState, WhatCannotBeReadIsUnknown) {
  Host host = card();
  host.boot_bindings = Unknown{"Permission denied"};
  host.settings = Unknown{"Permission denied"};
  const auto differences = compare_state(host, declared("[gpus.\"65:00.0\"]\nuse = \"host\"\n"));
  EXPECT_EQ(same_as_declared(differences), Answer::Unknown);
  EXPECT_THAT(ids_of(differences), ElementsAre("state.boot", "state.settings"));
}

TEST(PlanState, TheSettingsAreFollowed) {
  Host host = card();
  host = after(host, plan_state(host, declared("[gpus.\"65:00.0\"]\nname = \"Left\"\n[host]\nstop = "
                                               "[\"dcgm.service\"]\n")));
  EXPECT_THAT(select_gpus(host, {"left"}).gpus, ElementsAre(kGpu));
  std::ranges::find(host.functions, kGpu, &PciFunction::address)->device = std::uint16_t{0x2331};
  EXPECT_THROW(select_gpus(host, {"left"}), Error) << "another card is there";
}

/// What list says of the GPU.
Assessment assessment_of(const Host& host) {
  for (Assessment& one : assess(host))
    if (one.device == DeviceId(kGpu)) return std::move(one);
  ADD_FAILURE() << "it is not there";
  return {};
}

TEST(Quarantine, KeepsAGpuFromGuests) {
  const Host host = card();
  const Host kept = after(host, plan_quarantine(host, {kGpu}, "fell off the bus"));
  EXPECT_THAT(assessment_of(kept).reasons, Contains(Field(&Finding::id, "gpu.quarantined")));
  EXPECT_EQ(assessment_of(kept).state, GpuState::Quarantined);
  EXPECT_EQ(assessment_of(kept).assignable, Answer::No);
  EXPECT_THROW(plan_bind(kept, {kGpu}), Error);
  EXPECT_TRUE(plan_quarantine(kept, {kGpu}, "again").steps.empty());
  const Host bound = after(host, plan_bind(host, {kGpu}));
  EXPECT_THROW(plan_bind(after(bound, plan_quarantine(bound, {kGpu}, "hot")), {kGpu}), Error);
  EXPECT_EQ(after(kept, plan_quarantine_release(kept, {kGpu})), host);
  EXPECT_THROW(plan_quarantine(host, {kGpu}, ""), Error);
}

TEST(GuestHook, BindsWhatIsWithTheHostAndBringsThatBack) {
  const std::string xml =
      "<domain type='kvm'><name>vm</name><devices><hostdev mode='subsystem' type='pci' managed='yes'><source>"
      "<address domain='0' bus='0x65' slot='0' function='0'/></source></hostdev></devices></domain>";
  Host host = card();
  host.domains = {};  // Nobody may ask libvirt here.
  const Plan start = plan_guest_start(host, "vm", xml);
  const Host bound = after(host, start);
  EXPECT_EQ(*find_function(bound, kAudio)->driver, "vfio-pci");
  EXPECT_TRUE(plan_guest_start(bound, "vm", xml).steps.empty());
  EXPECT_TRUE(plan_guest_end(bound, "other", xml).steps.empty());
  const Host home = after(bound, plan_guest_end(bound, "vm", xml));
  EXPECT_EQ(*find_function(home, kAudio)->driver, *find_function(host, kAudio)->driver);
  EXPECT_TRUE(plan_guest_start(host, "vm", "<domain type='kvm'><name>vm</name></domain>").steps.empty());
  // What was bound before it started is not the hook's.
  const Host before = after(card(), plan_bind(card(), {kGpu}));
  EXPECT_TRUE(plan_guest_end(before, "vm", xml).steps.empty());
  Host kept = after(card(), plan_quarantine(card(), {kGpu}, "hot"));
  EXPECT_THROW(plan_guest_start(kept, "vm", xml), Error);
}

TEST(GuestHook, IsInstalledAndRemoved) {
  Host host = card();
  host.own_files = std::vector<OwnFile>{{"/etc/libvirt/hooks/qemu.d/50-gpupass", Absent{}}};
  const Host with = after(host, plan_hook_install(host, "#!/bin/sh"));
  EXPECT_EQ(*with.own_files->front().content, "#!/bin/sh");
  EXPECT_TRUE(plan_hook_install(with, "#!/bin/sh").steps.empty());
  EXPECT_EQ(after(with, plan_hook_remove(with)), host);
  EXPECT_TRUE(plan_hook_remove(host).steps.empty());
}

}  // namespace
}  // namespace gpupass::plan_state_test
