// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/laws.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "apply/healthy.hpp"
#include "apply/machine.hpp"
#include "apply/tunable_host.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/seed.hpp"
#include "guest/edit/hostdev.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "support/folders.hpp"
#include "support/host_difference.hpp"
#include "support/open_host.hpp"
#include "support/shared_hosts.hpp"

namespace gpupass::laws_test {
namespace {

Host look(const System& system) {
  return probe(system, {needs(Verb::Attach) | needs(Verb::Release) | needs(Verb::Slice) | needs(Verb::State) |
                            Parts{.mig = true, .tuning = true},
                        {}});
}

std::vector<PciAddress> gpus_of(const Host& host) {
  std::vector<PciAddress> gpus;
  for (const PciFunction& function : host.functions)
    if (is_gpu_class(function.class_code.value_or(0))) gpus.push_back(function.address);
  return gpus;
}

Host look_at_handover(const System& system) {
  Host host = probe(system, {needs(Verb::Handover), {}});
  host.holders = std::vector<Holder>();  // Nothing opens devices on a machine in memory.
  return host;
}

/// The functions in the slot of a GPU that drivers have.
std::vector<PciAddress> card_at(const Host& host, PciAddress gpu) {
  std::vector<PciAddress> card;
  for (const PciFunction& function : host.functions)
    if (function.address.same_slot(gpu) && !is_bridge_class(function.class_code.value_or(0)))
      card.push_back(function.address);
  return card;
}

/// A server: a card of GPU and audio function, a 3D controller that no driver knows, one that an
/// administrator has given an override, and two GPUs in one group.
std::unique_ptr<FakeKernel> server() {
  auto kernel = machine_with(
      {{.address = "0000:00:01.0", .class_code = 0x060400, .driver = "pcieport", .group = 1},
       {.address = "0000:65:00.0", .driver = "nvidia", .group = 12},
       {.address = "0000:65:00.1", .class_code = 0x040300, .driver = "snd_hda_intel", .group = 12},
       {.address = "0000:b3:00.0", .group = 13},
       {.address = "0000:b4:00.0", .driver = "nvidia", .group = 14},
       {.address = "0001:01:00.0", .class_code = 0x120000, .driver = "amdgpu", .group = 0}});
  kernel->meddle(address("0000:b4:00.0"), {"nvidia", "nvidia"});
  kernel->fake_hypervisor().add("off");
  kernel->fake_hypervisor().add_running("on");
  return kernel;
}

/// Leaves out the virtual functions that the kernel is yet to make.
void leave_out(Host& host, const std::vector<PciAddress>& functions) {
  const auto is_left_out = [&](PciAddress address) { return std::ranges::binary_search(functions, address); };
  std::erase_if(host.functions, [&](const PciFunction& each) { return is_left_out(each.address); });
  for (IommuGroup& group : *host.groups) std::erase_if(group.members, is_left_out);
  std::erase_if(*host.groups, [](const IommuGroup& group) { return group.members.empty(); });
}

void leave_to_the_kernel(Host& host, const Host& then) {
  for (const PciFunction& known : then.functions) {
    const PciFunction* now = find_function(host, known.address);
    if (!now || !known.virtual_functions.unknown()) continue;
    leave_out(host, now->virtual_functions.value_or({}));
    for (PciFunction& function : host.functions)
      if (function.address == known.address) function.virtual_functions = known.virtual_functions;
  }
}

/// How many more slices there is room for.
void leave_to_drivers(Host& host, const Host& then) {
  for (const PciFunction& known : then.functions)
    for (PciFunction& function : host.functions) {
      if (function.address != known.address || !known.slicing || !function.slicing) continue;
      if (known.slicing->creatable_vgpus.unknown())
        function.slicing->creatable_vgpus = known.slicing->creatable_vgpus;
      if (!known.slicing->mediated_types || !function.slicing->mediated_types) continue;
      for (const MediatedType& type : *known.slicing->mediated_types)
        for (MediatedType& now : *function.slicing->mediated_types)
          if (now.type == type.type && type.available.unknown()) now.available = type.available;
    }
}

/// What the driver calls MIG instances that it makes.
void leave_names_to_drivers(Host& host, const Host& then) {
  for (const PciFunction& known : then.functions)
    for (PciFunction& function : host.functions) {
      if (function.address != known.address || !known.mig || !function.mig) continue;
      for (const MigGpuInstance& foretold : known.mig->instances)
        for (MigGpuInstance& now : function.mig->instances) {
          if (now.start != foretold.start) continue;
          if (foretold.id.unknown()) now.id = foretold.id;
          if (foretold.compute.unknown()) now.compute = foretold.compute;
        }
    }
}

/// What after() foretells of a host. `then` is what it foretells; where that leaves a driver to the kernel,
/// so does this.
Host foretold(Host host, const Host& then) {
  leave_to_the_kernel(host, then);
  leave_to_drivers(host, then);
  leave_names_to_drivers(host, then);
  for (PciFunction& function : host.functions) {
    if (const PciFunction* known = find_function(then, function.address); known && known->driver.unknown())
      function.driver = known->driver;
    function.uuid = {};  // These two a driver tells, while it is bound.
    function.persistence = {};
  }
  if (host.domains)
    for (Domain& domain : *host.domains) domain.live_xml = domain.persistent_xml = "";  // In libvirt's words.
  host.users = {};  // Processes open devices, and close them, when they like.
  host.uses = {};
  host.holders = {};
  host.limits = {};
  return host;
}

class Laws : public testing::Test {
 protected:
  static void TearDownTestSuite() {
    fmt::print(
        "laws: {} captured machines, {} plans, {} GPUs kept by a guard, {} runs of apply with failures, {} "
        "kills, {} hung "
        "drivers, {} runs with wayward guests ({} pending, then done), {}\n",
        machines_, tally_.plans, tally_.refused, tally_.runs, tally_.kills, tally_.hangs, tally_.guests,
        tally_.pending,
        testing::UnitTest::GetInstance()->Failed() ? "NOT all as found or as asked" : "0 left between");
  }

  /// Binds, and releases; leaves the machine as found, and the journal.
  void expect_laws_of(FakeKernel& kernel, PciAddress gpu) {
    const FakeState home = kernel.state();
    Plan bind;
    try {
      bind = plan_bind(look(kernel), {gpu});
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::Refused) << error.what();
      ++tally_.refused;
      return;
    }
    if (bind.steps.empty()) return;  // Captured on vfio-pci.
    expect_laws_of_plan(kernel, bind);
    ASSERT_FALSE(HasFailure()) << "bind " << gpu.to_string();
    expect_laws_of_plan(kernel, plan_release(look(kernel), {gpu}));
    ASSERT_EQ(kernel.state(), home) << "bind and release " << gpu.to_string();
    kernel.restore(home);
  }

  /// As many at once as the guards let go; leaves the machine as found.
  void expect_laws_of_many(FakeKernel& kernel, const std::vector<PciAddress>& gpus) {
    const Host host = look(kernel);
    std::vector<PciAddress> many;
    Plan plan;
    for (const PciAddress gpu : gpus) try {
        many.push_back(gpu);
        plan = plan_bind(host, many);
      } catch (const Error&) {
        many.pop_back();
      }
    expect_others_as_found_whichever_driver_hangs(kernel, plan, tally_);
  }

  /// Leaves the machine as asked.
  void expect_laws_of_plan(FakeKernel& kernel, const Plan& plan) {
    const FakeState before = kernel.state();
    expect_as_foretold(kernel, plan);
    expect_taken_back(kernel, plan, before);
    kernel.restore(before);
    expect_as_found_or_asked_wherever_it_dies(kernel, plan, tally_);
    kernel.restore(before);
    expect_as_found_whichever_write_fails(kernel, plan, tally_);
  }

  /// What after() says is what a probe sees when the plan was carried out.
  void expect_as_foretold(FakeKernel& kernel, const Plan& plan) {
    const Host then = after(look(kernel), plan);
    EXPECT_EQ(apply(kernel, plan).outcome, Outcome::Done);
    const Host now = look(kernel);
    EXPECT_EQ(difference(foretold(then, then), foretold(now, then)), "");
    EXPECT_TRUE(foretold(then, then) == foretold(now, then));
  }

  /// The undo of the last operation leads back to the state before, and its own undo there again. A reset
  /// alone has none.
  void expect_taken_back(FakeKernel& kernel, const Plan& plan, const FakeState& before) {
    const bool any = std::ranges::any_of(plan.steps, [](const Step& step) { return step.undo.has_value(); });
    const FakeState asked = kernel.state();
    for (const FakeState& state : {before, asked, before}) {
      const Report report = apply(kernel, plan_undo(kernel, read_journal(kernel).back()));
      EXPECT_EQ(report.outcome, any ? Outcome::Done : Outcome::Already);
      EXPECT_TRUE(kernel.state() == state);
    }
  }

  /// Binds it on every boot, and no more; leaves the machine as found, and the journal.
  void expect_laws_at_boot(FakeKernel& kernel, PciAddress gpu) {
    const FakeState home = kernel.state();
    Plan bind;
    try {
      bind = plan_bind_at_boot(look(kernel), {gpu});
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::Refused) << error.what();
      ++tally_.refused;
      return;
    }
    expect_laws_of_plan(kernel, bind);
    ASSERT_FALSE(HasFailure()) << "bind " << gpu.to_string() << " at boot";
    expect_laws_of_plan(kernel, plan_release_at_boot(look(kernel), {gpu}, {}));
    ASSERT_EQ(kernel.state(), home) << "bind and release " << gpu.to_string() << " at boot";
    kernel.restore(home);
  }

  static inline Tally tally_;
  static inline unsigned machines_ = 0;
};

TEST_F(Laws, BindAndReleaseLeaveAServerAsFoundWhicheverWriteFails) {
  const auto kernel = server();
  const std::vector<PciAddress> gpus = gpus_of(look(*kernel));
  EXPECT_EQ(gpus.size(), 4u);
  for (const PciAddress gpu : gpus) expect_laws_of(*kernel, gpu);
}

TEST_F(Laws, BindAndReleaseAtBootLeaveAServerAsFoundWhicheverWriteFails) {
  const auto kernel = server();
  for (const PciAddress gpu : gpus_of(look(*kernel))) expect_laws_at_boot(*kernel, gpu);
  const FakeState home = kernel->state();
  apply(*kernel, plan_bind_at_boot(look(*kernel), {kGpu}));
  const FakeState one = kernel->state();
  kernel->restore(one);
  expect_laws_at_boot(*kernel, address("0000:b4:00.0"));  // Beside one that is bound at boot already.
  apply(*kernel, plan_release(look(*kernel), {kGpu}));
  EXPECT_NE(kernel->state(), home) << "the next boot binds it";
  expect_laws_of_plan(*kernel, plan_release_at_boot(look(*kernel), {kGpu}, {}));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, HooksOfBootImagesAreWrittenWholeOrNotAtAll) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  std::vector<OwnFile> shipped = boot_hooks(BootTool::InitramfsTools);
  shipped[1].content = std::string("new");
  expect_laws_of_plan(*kernel, plan_boot_install(look(*kernel), shipped));
  EXPECT_EQ(has_boot_hooks(*look(*kernel).boot_images), Answer::Yes);
  expect_laws_of_plan(*kernel, plan_boot_remove(look(*kernel)));
  EXPECT_EQ(look(*kernel).boot_images->hooks[1].content, Absent{});
  expect_laws_of_plan(*kernel, plan_boot_install(look(*kernel), boot_hooks(BootTool::InitramfsTools)));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, ADeclaredStateIsReachedWholeOrNotAtAll) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  const State found = state_of(look(*kernel));
  const State asked = parse_state(
      "[host]\nreserve_cpus = \"0\"\n[gpus.\"65:00.0\"]\nuse = \"whole\"\n"
      "name = \"left\"\n[gpus.\"b4:00.0\"]\nuse = \"whole\"\nboot = false\n",
      "node.toml");
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), asked));
  EXPECT_EQ(same_as_declared(compare_state(look(*kernel), asked)), Answer::Yes);
  EXPECT_TRUE(plan_state(look(*kernel), asked).steps.empty());
  EXPECT_EQ(same_as_declared(compare_state(look(*kernel), state_of(look(*kernel)))), Answer::Yes);
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), found));
  EXPECT_EQ(kernel->state(), home);
}

/// The boots, and the memory of this one.
TEST_F(Laws, AHostIsPreparedWholeOrNotAtAll) {
  const auto kernel = server();
  kernel->boot_with_grub();
  const FakeState home = kernel->state();
  const auto prepared = [&](const std::string& keys) {
    return plan_state(look(*kernel), parse_state("[host.prepare]\n" + keys, "node.toml"));
  };
  expect_laws_of_plan(*kernel,
                      prepared("kernel_options = [\"intel_iommu=on\", \"iommu=pt\"]\n"
                               "modules = [\"vfio-pci\"]\nhugepages = [\"0:2M:64\", \"1:2M:32\"]\n"));
  expect_laws_of_plan(*kernel, prepared("kernel_options = [\"iommu=pt\", \"pci=realloc\"]\n"
                                        "modules = [\"vfio\", \"vfio-pci\"]\nhugepages = [\"0:2M:96\"]\n"));
  FakeState undone = home;
  expect_laws_of_plan(*kernel, prepared(""));
  for (auto& [path, count] : undone.pages) count = kernel->state().pages.at(path);
  EXPECT_EQ(kernel->state(), undone);
}

TEST_F(Laws, QuarantineIsRecordedOrNot) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_quarantine(look(*kernel), {kGpu, kBareGpu}, "fell off the bus"));
  EXPECT_THROW(plan_bind(look(*kernel), {kGpu}), Error);
  expect_laws_of_plan(*kernel, plan_quarantine_release(look(*kernel), {kGpu, kBareGpu}));
  EXPECT_EQ(kernel->state(), home);
}

/// Each GPU of a machine that something resets alone, with all the plans of a hand-over. @returns how many.
unsigned expect_laws_of_handovers(FakeKernel& kernel, const std::function<void(const Plan&)>& expect_laws) {
  unsigned handed_over = 0;
  const FakeState home = kernel.state();
  for (const PciAddress gpu : gpus_of(look(kernel))) {
    kernel.restore(home);
    const Host bound = look_at_handover(kernel);
    for (const PciAddress function : card_at(bound, gpu)) kernel.meddle(function, {"vfio-pci", "vfio-pci"});
    const FakeState before = kernel.state();
    HandoverPlans plans;
    try {
      plans = plan_handover(look_at_handover(kernel), gpu);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Refused) << error.what();
      continue;
    }
    ++handed_over;
    for (const Plan& plan : {plans.begin, plans.reset, plans.end}) expect_laws(plan);
    EXPECT_EQ(kernel.state(), before) << "hand over " << gpu.to_string();
    if (testing::Test::HasFailure()) break;
  }
  kernel.restore(home);
  return handed_over;
}

/// The eight GPUs by themselves, and the BMC's display, which is alone on its bus, by that.
TEST_F(Laws, AHandOverLeavesAllButItsResetAsFoundWhicheverWriteFails) {
  FakeKernel kernel(healthy(open_host(source_path("examples/hosts/8gpu-2socket.host"))));
  EXPECT_EQ(expect_laws_of_handovers(kernel, [&](const Plan& plan) { expect_laws_of_plan(kernel, plan); }),
            9u);
}

TEST_F(Laws, LibvirtsHookIsThereWholeOrNotAtAll) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_hook_install(look(*kernel), "#!/bin/sh"));
  expect_laws_of_plan(*kernel, plan_hook_install(look(*kernel), "#!/bin/sh -e"));
  expect_laws_of_plan(*kernel, plan_hook_remove(look(*kernel)));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, AGuestThatAnybodyStartsTakesItsGpuAlongAndBringsItBack) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  const std::string xml =
      "<domain type='kvm'><name>vm</name><devices>" + hostdev_xml(kGpu) + "</devices></domain>";
  expect_laws_of_plan(*kernel, plan_guest_start(look(*kernel), "vm", xml));
  EXPECT_EQ(kernel->device(kAudio).driver, "vfio-pci");
  expect_laws_of_plan(*kernel, plan_guest_end(look(*kernel), "vm", xml));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, AHostIsTunedForGuestsAndAsFoundWhenTheyHaveEnded) {
  const auto kernel = tunable_host();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel,
                      plan_guest_tuning(look_at_tunables(*kernel), "one", tuned_guest("one", kGpu, "1")));
  expect_laws_of_plan(
      *kernel, plan_guest_tuning(look_at_tunables(*kernel), "two", tuned_guest("two", kBareGpu, "2-3")));
  expect_laws_of_plan(*kernel, plan_guest_tuning_end(look_at_tunables(*kernel), "one"));
  expect_laws_of_plan(*kernel, plan_tune_undo(look_at_tunables(*kernel)));
  EXPECT_EQ(kernel->state(), home);
}

/// The driver's removal waits for a service, and for itself: what is done in another order never returns.
TEST_F(Laws, WhatKeepsAGpuOpenIsQuietMeanwhileAndBackAgain) {
  const auto kernel = server();
  kernel->add_service("dcgm.service", kGpu);
  kernel->persist(kGpu);
  Host host = look(*kernel);
  std::ranges::find(host.functions, kGpu, &PciFunction::address)->persistence = true;
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 7, "dcgm", "dcgm.service"}};
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_bind(host, {kGpu}));
  ASSERT_FALSE(HasFailure());
  expect_laws_of_plan(*kernel, plan_release(look(*kernel), {kGpu}));
  FakeState now = kernel->state();
  EXPECT_FALSE(now.devices.at(kGpu.to_string()).open) << "the service started while it was away";
  now.devices.at(kGpu.to_string()).open = true;
  EXPECT_EQ(now, home);
}

/// In another order the GPU's driver never returns, or vfio-pci refuses the GPU.
TEST_F(Laws, TheOnlyGpuTakesItsSessionsAndConsoleAlongAndBringsThemBack) {
  const auto kernel = machine_with(
      {{.address = "0000:65:00.0", .class_code = 0x030000, .driver = "nvidia", .group = 12},
       {.address = "0000:65:00.1", .class_code = 0x040300, .driver = "snd_hda_intel", .group = 12}});
  kernel->add_service("gdm.service", kGpu);
  kernel->add_session("session-2.scope", kGpu);
  kernel->draw_console(kGpu);
  kernel->show_framebuffer("efi-framebuffer.0", kGpu);
  Host host = look(*kernel);
  host.functions.front().boot_vga = true;
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/dri/card0", 7, "Xorg", "gdm.service"},
                                       {kGpu, "/dev/nvidia0", 8, "gnome-shell", "", "session-2.scope"}};
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Framebuffer, "efifb"},
                                     {kGpu, DeviceUse::Kind::Console, "fb0"}};
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_bind(host, {kGpu}, {{kGpu}, {"gdm.service"}}));
  ASSERT_FALSE(HasFailure());
  EXPECT_FALSE(kernel->state().services.at("gdm.service"));
  EXPECT_FALSE(kernel->state().console || kernel->state().framebuffer);
  expect_laws_of_plan(*kernel, plan_release(look(*kernel), {kGpu}));
  EXPECT_EQ(kernel->state(), home);
}

/// A GPU that its driver cuts into four at most. The kernel would give the virtual functions to that driver.
std::unique_ptr<FakeKernel> sliceable() {
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "xe", .group = 12, .total_vfs = 4},
                              {.address = "0000:65:00.1", .group = 21, .virtual_of = "0000:65:00.0"},
                              {.address = "0000:65:00.2", .group = 22, .virtual_of = "0000:65:00.0"},
                              {.address = "0000:65:00.3", .group = 23, .virtual_of = "0000:65:00.0"},
                              {.address = "0000:65:00.4", .group = 24, .virtual_of = "0000:65:00.0"}});
  for (const char* slice : {"0000:65:00.1", "0000:65:00.2", "0000:65:00.3", "0000:65:00.4"})
    kernel->match(address(slice), "xe");
  return kernel;
}

TEST_F(Laws, SlicesAreMadeAndTakenAwayOrAllIsAsFoundWhicheverWriteFails) {
  const auto kernel = sliceable();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, 4));
  EXPECT_EQ(kernel->device(kGpu).vfs, 4u);
  EXPECT_EQ(kernel->device(kGpu).autoprobe, "1");
  EXPECT_EQ(kernel->device(kAudio), (FakeDevice{.driver = "", .driver_override = "", .d3cold_allowed = "1"}));
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, 2));
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, 3));
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), kGpu));
  EXPECT_EQ(kernel->state(), home);
}

/// A slice moves by itself, and a bound one that nobody uses comes back bound.
TEST_F(Laws, ABoundSliceMovesAloneAndGoesWithTheOthers) {
  const auto kernel = sliceable();
  const FakeState home = kernel->state();
  apply(*kernel, plan_slice_create(look(*kernel), kGpu, 3));
  const PciAddress slice = address("0000:65:00.2");
  const FakeState sliced = kernel->state();
  expect_laws_of(*kernel, slice);
  EXPECT_EQ(kernel->state(), sliced);
  apply(*kernel, plan_bind(look(*kernel), {slice}));
  EXPECT_EQ(kernel->device(slice).driver, "vfio-pci");
  EXPECT_EQ(kernel->device(kAudio).driver, "");
  EXPECT_EQ(kernel->device(kGpu).driver, "xe");
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, 1));
  EXPECT_EQ(kernel->device(kGpu).vfs, 1u);
  kernel->restore(sliced);
  apply(*kernel, plan_bind(look(*kernel), {slice}));
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), kGpu));
  EXPECT_EQ(kernel->state(), home);
}

/// Where drivers took the slices by themselves, and shall take later ones too.
TEST_F(Laws, SlicesOnADriverOfTheHostComeBackOnIt) {
  const auto kernel = sliceable();
  ASSERT_EQ(kernel->react("/sys/bus/pci/devices/0000:65:00.0/sriov_numvfs", "2"), 0);
  EXPECT_EQ(kernel->device(kAudio).driver, "xe");
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), kGpu));
  EXPECT_EQ(kernel->device(kGpu).vfs, 0u);
}

/// A GPU of NVIDIA's, cut into four, each for a vGPU. Its memory is enough for four of the small type.
std::unique_ptr<FakeKernel> for_vgpus() {
  auto kernel = machine_with(
      {{.address = "0000:65:00.0", .driver = "nvidia", .group = 12, .total_vfs = 4, .vfs = 4},
       {.address = "0000:65:00.1", .driver = "nvidia", .group = 21, .virtual_of = "0000:65:00.0"},
       {.address = "0000:65:00.2", .driver = "nvidia", .group = 22, .virtual_of = "0000:65:00.0"},
       {.address = "0000:65:00.3", .driver = "nvidia", .group = 23, .virtual_of = "0000:65:00.0"},
       {.address = "0000:65:00.4", .driver = "nvidia", .group = 24, .virtual_of = "0000:65:00.0"}});
  kernel->offer_slices(kGpu, {FakeSlices::Kind::Vgpus,
                              {{"1145", "NVIDIA L40S-1B", 1}, {"1150", "NVIDIA L40S-2B", 2}},
                              4,
                              /*one_type=*/true});
  return kernel;
}

TEST_F(Laws, VgpusAreMadeAndTakenAwayOrAllIsAsFoundWhicheverWriteFails) {
  const auto kernel = for_vgpus();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, {"L40S-1B", 3}));
  EXPECT_EQ(kernel->device(address("0000:65:00.3")).vgpu, 1145u);
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), address("0000:65:00.4"), {"1145"}));
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), {kAudio, address("0000:65:00.4")}));
  expect_laws_of_plan(*kernel,
                      plan_slice_destroy(look(*kernel), {address("0000:65:00.2"), address("0000:65:00.3")}));
  EXPECT_EQ(kernel->state(), home);
}

/// A GPU whose driver makes mediated devices of it.
std::unique_ptr<FakeKernel> for_mediated() {
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12}});
  kernel->offer_slices(
      kGpu, {FakeSlices::Kind::Mediated, {{"nvidia-222", "GRID T4-1B"}, {"nvidia-223", "GRID T4-2B", 2}}, 4});
  kernel->install_mdevctl();
  return kernel;
}

TEST_F(Laws, MediatedDevicesAreMadeAndRemovedOrAllIsAsFoundWhicheverWriteFails) {
  const auto kernel = for_mediated();
  const FakeState home = kernel->state();
  const std::string uuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, {"nvidia-222", 2}));
  const auto made = kernel->device(kGpu).mediated;
  EXPECT_EQ(made.size(), 2u);
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, {"T4-2B", 1, uuid}));
  EXPECT_EQ(kernel->device(kGpu).mediated.at(uuid), "nvidia-223");
  std::vector<DeviceId> all = {*DeviceId::parse(uuid)};
  for (const auto& [name, type] : made) all.push_back(*DeviceId::parse(name));
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), all));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, MediatedDevicesThatAreKeptComeWithEveryBootOrWithNone) {
  const auto kernel = for_mediated();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_slice_create(look(*kernel), kGpu, {"T4-1B", 2, "", true}));
  const auto made = kernel->device(kGpu).mediated;
  kernel->reboot(home);
  EXPECT_EQ(kernel->device(kGpu).mediated, made);
  std::vector<DeviceId> all;
  for (const auto& [name, type] : made) all.push_back(*DeviceId::parse(name));
  expect_laws_of_plan(*kernel, plan_slice_destroy(look(*kernel), all));
  kernel->reboot(home);
  EXPECT_TRUE(kernel->device(kGpu).mediated.empty());
  EXPECT_EQ(kernel->state(), home);
}

/// An A100 of 40 GB that is not in MIG mode.
std::unique_ptr<FakeKernel> for_mig() {
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12}});
  kernel->offer_mig(kGpu);
  return kernel;
}

TEST_F(Laws, MigInstancesAreMadeAndRemovedOrAllIsAsFoundWhicheverWriteFails) {
  const auto kernel = for_mig();
  const FakeState home = kernel->state();
  expect_laws_of_plan(*kernel, plan_mig_create(look(*kernel), kGpu, {"3g.20gb", "1g.5gb"}));
  EXPECT_TRUE(kernel->device(kGpu).mig);
  EXPECT_EQ(kernel->device(kGpu).mig_instances.size(), 2u);
  expect_laws_of_plan(*kernel, plan_mig_create(look(*kernel), kGpu, {"2g.10gb"}));
  EXPECT_EQ(kernel->device(kGpu).mig_instances.size(), 3u);
  expect_laws_of_plan(*kernel, plan_mig_destroy(look(*kernel), kGpu, {"3g.20gb", "2g.10gb"}));
  EXPECT_EQ(kernel->device(kGpu).mig_instances.size(), 1u);
  expect_laws_of_plan(*kernel, plan_mig(look(*kernel), {{.gpu = kGpu, .profiles = {"7g.40gb"}}}));
  expect_laws_of_plan(*kernel, plan_mig(look(*kernel), {{.gpu = kGpu, .enabled = false, .profiles = {}}}));
  EXPECT_EQ(kernel->state(), home);
}

/// What somebody else cut in another way comes back in that way.
TEST_F(Laws, MigInstancesWithSeveralComputeInstancesComeBackWithThem) {
  const auto kernel = for_mig();
  apply(*kernel, plan_mig_create(look(*kernel), kGpu, {}));
  FakeState cut = kernel->state();
  cut.devices.at(kGpu.to_string()).mig_instances[4] = {9, 4, {{0, 1}, {1, 2}}};
  kernel->restore(cut);
  expect_laws_of_plan(*kernel, plan_mig_destroy(look(*kernel), kGpu, {}));
  EXPECT_THAT(kernel->device(kGpu).mig_instances, testing::IsEmpty());
}

/// What a file says of the slices of the GPU.
State sliced_so(const std::string& keys) {
  return parse_state("[gpus.\"65:00.0\".slices]\n" + keys + "\n", "node.toml");
}

/// Every plan on the way, and that it leads there: then there is nothing to do, and what is exported is so.
void expect_reached(const FakeKernel& kernel, const State& state) {
  EXPECT_EQ(same_as_declared(compare_state(look(kernel), state)), Answer::Yes);
  EXPECT_TRUE(plan_state(look(kernel), state).steps.empty());
  const State exported = parse_state(to_toml(state_of(look(kernel))), "exported.toml");
  EXPECT_EQ(same_as_declared(compare_state(look(kernel), exported)), Answer::Yes);
  EXPECT_TRUE(plan_state(look(kernel), exported).steps.empty());
}

TEST_F(Laws, DeclaredVirtualFunctionsAreReachedWholeOrNotAtAllPlanByPlan) {
  const auto kernel = sliceable();
  const FakeState home = kernel->state();
  const State found = state_of(look(*kernel));
  const State asked = sliced_so("vfs = 3\nuse = \"whole\"");
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), asked));
  EXPECT_EQ(kernel->device(kGpu).vfs, 3u);
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), asked));
  EXPECT_EQ(kernel->device(kAudio).driver, "vfio-pci");
  expect_reached(*kernel, asked);
  while (!plan_state(look(*kernel), found).steps.empty() && !HasFailure())
    expect_laws_of_plan(*kernel, plan_state(look(*kernel), found));
  expect_reached(*kernel, found);
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, DeclaredVgpusAreReachedWholeOrNotAtAll) {
  const auto kernel = for_vgpus();
  const FakeState home = kernel->state();
  const State found = state_of(look(*kernel));
  for (const char* keys : {"types = { \"L40S-1B\" = 3 }", "types = { \"1150\" = [\"65:00.2\", \"65:00.4\"] }",
                           "types = { \"1145\" = 4 }\nboot = false"}) {
    const State asked = sliced_so(keys);
    expect_laws_of_plan(*kernel, plan_state(look(*kernel), asked));
    expect_reached(*kernel, asked);
  }
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), found));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, DeclaredMediatedDevicesAreReachedWholeOrNotAtAllAndComeWithTheBoot) {
  const auto kernel = for_mediated();
  const FakeState home = kernel->state();
  const State found = state_of(look(*kernel));
  const State asked =
      sliced_so("types = { \"T4-1B\" = 2, \"nvidia-223\" = [\"c73f1fa6-489e-4834-9476-d70dabd98c40\"] }");
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), sliced_so("types = { \"T4-1B\" = 3 }")));
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), asked));
  expect_reached(*kernel, asked);
  const FakeState made = kernel->state();
  kernel->reboot(home);
  EXPECT_TRUE(kernel->device(kGpu).mediated.empty());
  const BootPlans boot = plan_boot_slices(look(*kernel));
  ASSERT_EQ(boot.plans.size(), 1u);
  expect_laws_of_plan(*kernel, boot.plans.front());
  EXPECT_TRUE(plan_boot_slices(look(*kernel)).plans.empty());
  EXPECT_EQ(kernel->state(), made);
  expect_laws_of_plan(*kernel, plan_state(look(*kernel), found));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, DeclaredMigIsReachedWholeOrNotAtAllAndComesWithTheBoot) {
  const auto kernel = for_mig();
  const FakeState home = kernel->state();
  const State found = state_of(look(*kernel));
  const auto go_to = [&](const State& state) {
    while (!plan_state(look(*kernel), state).steps.empty() && !HasFailure())
      expect_laws_of_plan(*kernel, plan_state(look(*kernel), state));
    expect_reached(*kernel, state);
  };
  go_to(sliced_so("mig = { \"1g.5gb\" = 3 }"));
  go_to(sliced_so("mig = { \"1g.5gb\" = 1, \"3g.20gb\" = 1 }"));
  EXPECT_EQ(kernel->device(kGpu).mig_instances.size(), 2u);
  const FakeState made = kernel->state();
  kernel->reboot(home);
  for (BootPlans boot = plan_boot_slices(look(*kernel)); !boot.plans.empty() && !HasFailure();
       boot = plan_boot_slices(look(*kernel)))
    expect_laws_of_plan(*kernel, boot.plans.front());
  EXPECT_EQ(kernel->device(kGpu).mig_instances.size(), 2u);
  EXPECT_EQ(kernel->state().files, made.files);
  go_to(found);
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, ManyGpusAtOnceAreLikeOne) {
  const auto kernel = server();
  const std::vector<PciAddress> gpus = gpus_of(look(*kernel));
  const FakeState home = kernel->state();
  expect_others_as_found_whichever_driver_hangs(*kernel, plan_bind(look(*kernel), gpus), tally_);
  expect_laws_of_plan(*kernel, plan_bind(look(*kernel), gpus));
  expect_laws_of_plan(*kernel, plan_release(look(*kernel), gpus));
  EXPECT_EQ(kernel->state(), home);
}

TEST_F(Laws, HoldOnEveryCapturedMachine) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const SharedTree& tree : shared_trees()) {
    SCOPED_TRACE(tree.name);
    FakeKernel kernel(healthy(open_host(tree.root)));
    const std::vector<PciAddress> gpus = gpus_of(look(kernel));
    machines_ += !gpus.empty();
    for (const PciAddress gpu : gpus) expect_laws_of(kernel, gpu);
    expect_laws_of_many(kernel, gpus);
    kernel.add_boot_image("6.1.0-18-amd64");
    for (const PciAddress gpu : gpus) expect_laws_at_boot(kernel, gpu);
  }
  EXPECT_GT(machines_, 0u);
}

TEST_F(Laws, TheReportIsHonestWhicheverTwoWritesFail) {
  const auto kernel = server();
  expect_honesty_whichever_two_writes_fail(*kernel, plan_bind(look(*kernel), {kGpu, kBareGpu}), tally_);
}

TEST_F(Laws, ReleaseWithoutARecordLeavesTheMachineAsFoundWhicheverWriteFails) {
  const auto kernel = server();
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});
  kernel->meddle(kAudio, {"vfio-pci", "vfio-pci"});
  expect_laws_of_plan(*kernel, plan_release(look(*kernel), {kGpu}));
  EXPECT_EQ(kernel->device(kGpu).driver, "nvidia");
  EXPECT_EQ(kernel->device(kAudio).driver, "snd_hda_intel");
}

TEST_F(Laws, AttachAndDetachLeaveGuestsAsFoundWhicheverWriteFails) {
  for (const char* guest : {"on", "off"}) {
    const auto kernel = server();
    const auto domain = [&] { return *kernel->fake_hypervisor().domain(guest); };
    kernel->fake_hypervisor().set_metadata(guest, kMetadataNamespace,
                                           "<vm><device address=\"0000:01:00.0\" vendor=\"8086\"/></vm>");
    const auto domains = kernel->state().domains;
    const Plan attach = plan_attach(look(*kernel), domain(), {kGpu, kBareGpu}, {});
    EXPECT_TRUE(std::ranges::any_of(
        attach.steps, [](const Step& step) { return std::holds_alternative<SetMetadata>(step.change); }));
    expect_laws_of_plan(*kernel, attach);
    expect_laws_of_plan(*kernel, plan_detach(look(*kernel), domain(), {kGpu, kBareGpu}, {}));
    EXPECT_EQ(kernel->state().domains, domains) << guest;
  }
}

TEST_F(Laws, GiveAndTakeLeaveARunningGuestAsFoundWhicheverWriteFails) {
  const auto kernel = server();
  const auto domain = [&] { return *kernel->fake_hypervisor().domain("on"); };
  const FakeState home = kernel->state();
  for (const bool at_boot : {false, true}) {
    const Host host = probe(*kernel, {needs(Verb::Give), {}});
    expect_laws_of_plan(*kernel, plan_give(host, domain(), {kGpu}, {.at_boot = at_boot}));
    EXPECT_NE(kernel->state(), home);
    const Host given = probe(*kernel, {needs(Verb::Take), {}});
    expect_laws_of_plan(*kernel, plan_take(given, domain(), {kGpu}, {}));
    EXPECT_EQ(kernel->state(), home);
  }
}

TEST_F(Laws, WhatIsSaidOfADetachIsSoWhateverTheGuestDoes) {
  const AttachOptions impatient{.timeout_seconds = 1};
  for (const bool transient : {false, true}) {
    const auto kernel = server();
    if (transient) kernel->fake_hypervisor().add_transient("on");
    const std::vector<DeviceId> gpus = {transient ? kBareGpu : kGpu};
    const auto domain = [&] { return *kernel->fake_hypervisor().domain("on"); };
    apply(*kernel, plan_attach(look(*kernel), domain(), gpus, {}));
    const auto detach = [&] { return plan_detach(look(*kernel), domain(), gpus, impatient); };
    const Plan plan = detach();
    ASSERT_EQ(plan.steps.size(), transient ? 1u : 5u);
    expect_truth_whatever_the_guest_does(*kernel, plan, "on", detach, tally_);
  }
}

TEST_F(Laws, DefineAndStartLeaveGuestsAsFoundWhicheverWriteFails) {
  const auto kernel = server();
  const std::string xml = "<domain type='kvm'><name>new</name><devices>" + hostdev_xml(kGpu) +
                          hostdev_xml(kAudio) + "</devices></domain>";
  Placement placement;
  placement.gpus = {kGpu};
  const Plan plan = plan_define(look(*kernel), {"new", xml, placement, std::nullopt, Start::Yes, {}});
  expect_laws_of_plan(*kernel, plan);
  EXPECT_TRUE(kernel->state().domains.at("new").active);
}

TEST_F(Laws, RunLeavesNothingBehindWhicheverWriteFails) {
  const auto kernel = server();
  const FakeState home = kernel->state();
  const std::string xml =
      "<domain type='kvm'><name>new</name><devices>" + hostdev_xml(kGpu) + "</devices></domain>";
  Placement placement;
  placement.gpus = {kGpu};
  const std::string secret = "#cloud-config\npassword: \"hunter2\"\n";
  expect_laws_of_plan(*kernel, plan_run(look(*kernel), {"new", xml, placement, std::nullopt}, secret));
  EXPECT_TRUE(kernel->state().domains.at("new").active);
  EXPECT_TRUE(kernel->state().settings.contains(seed_path("new")));
  kernel->restore(home);
}

/// What somebody else has there is his.
TEST_F(Laws, RunNeitherReplacesNorRemovesAFileOfAnother) {
  const auto kernel = server();
  FakeState state = kernel->state();
  state.settings[seed_path("new")] = "another image";
  kernel->restore(state);
  Plan plan;
  plan.steps = {
      {"write the image", "", SetSeed{"new", "#cloud-config", true}, SetSeed{"new", "#cloud-config"}}};
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), state);
}

}  // namespace
}  // namespace gpupass::laws_test
