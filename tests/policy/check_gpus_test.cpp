// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/open_host.hpp"
#include "support/shared_hosts.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::check_gpus_test {
namespace {

using testing::HasSubstr;

Host host() {
  Host result = two_sockets();
  result.iommu = Iommu{{"dmar0"}, {"DMAR"}, true, {}};
  for (PciFunction& function : result.functions) {
    function.reset_methods = std::vector<std::string>{"flr", "bus"};
    const bool port = is_bridge_class(*function.class_code);
    function.config = PciConfig{port,
                                false,
                                port ? ExpressType::RootPort : ExpressType::Endpoint,
                                port ? Fact<Acs>(Acs{0x1d, 0x1d}) : Fact<Acs>(Absent{}),
                                true,
                                Absent{}};
  }
  return result;
}

/// The one finding with this id about `kGpu0`, or about the host.
Finding only(const Host& machine, const std::string& id) {
  std::vector<Finding> findings = check(machine, {kGpu0});
  std::erase_if(findings, [&](const Finding& finding) { return finding.id != id; });
  EXPECT_EQ(findings.size(), 1u) << id;
  return findings.empty() ? Finding{} : findings.front();
}

Assessment assessed(const Host& machine) {
  const auto all = assess(machine);
  return *std::ranges::find(all, DeviceId(kGpu0), &Assessment::device);
}

TEST(Check, PassesAGoodHost) {
  for (const Finding& finding : check(host(), {kGpu0}))
    EXPECT_EQ(finding.verdict, Verdict::Pass) << finding.id << ": " << finding.message;
  EXPECT_EQ(only(host(), "gpu.assignable").subject, kGpu0.to_string());
}

TEST(Check, FindsThatNoIommuIsActive) {
  Host machine = host();
  machine.iommu->units.clear();
  EXPECT_EQ(only(machine, "iommu.active").verdict, Verdict::Fail);
  machine.iommu = Unknown{"Permission denied"};
  EXPECT_EQ(only(machine, "iommu.active").verdict, Verdict::Unknown);
}

TEST(Check, FindsInterruptsThatAreNotRemapped) {
  Host machine = host();
  machine.iommu->interrupt_remapping = false;
  EXPECT_EQ(only(machine, "iommu.interrupts").verdict, Verdict::Fail);
}

TEST(Check, FindsThatIsolationIsNotKnown) {
  Host machine = host();
  for (PciFunction& function : machine.functions) function.config = Unknown{"needs root"};
  EXPECT_EQ(only(machine, "group.peers").verdict, Verdict::Unknown);
  EXPECT_THAT(only(machine, "group.peers").message, HasSubstr("needs root"));
}

TEST(Check, FindsHowItCanBeReset) {
  Host machine = host();
  PciFunction& gpu = function_of(machine, kGpu0);
  gpu.reset_methods = std::vector<std::string>{};
  EXPECT_EQ(only(machine, "gpu.reset").verdict, Verdict::Fail);
  gpu.reset_methods = std::vector<std::string>{"bus"};
  EXPECT_EQ(only(machine, "gpu.reset").verdict, Verdict::Pass);
  gpu.reset_methods = Unknown{"Permission denied"};
  EXPECT_EQ(only(machine, "gpu.reset").verdict, Verdict::Unknown);
  gpu.reset_methods = std::vector<std::string>{"bus"};
  PciFunction neighbour = function_of(machine, kGpu1);
  neighbour.address = kGpu0;
  neighbour.address.device = 7;
  neighbour.parent = gpu.parent;
  neighbour.iommu_group = 99;
  machine.functions.push_back(neighbour);
  std::ranges::sort(machine.functions, {}, &PciFunction::address);
  EXPECT_EQ(only(machine, "gpu.reset").verdict, Verdict::Fail);
  EXPECT_THAT(only(machine, "gpu.reset").message, HasSubstr(neighbour.address.to_string()));
}

TEST(Check, FindsMemoryWithoutAddresses) {
  Host machine = host();
  PciFunction& gpu = function_of(machine, kGpu0);
  const auto with = [&](const Bar& bar) {
    gpu.bars = std::vector<Bar>{{0, 0xf6000000, 1 << 24, true, false, false}, bar};
    const auto found = guards(machine, kGpu0);
    return std::ranges::count(found, "gpu.no-addresses", &Finding::id) == 1;
  };
  EXPECT_TRUE(with({1, 0, std::uint64_t{16} << 30, true, true, true}));
  EXPECT_FALSE(with({1, std::uint64_t{1} << 40, std::uint64_t{16} << 30, true, true, true}));
  EXPECT_FALSE(with({6, 0, 1 << 19, true, false, false})) << "a ROM";
  EXPECT_FALSE(with({5, 0, 128, false, false, false})) << "I/O ports";
  with({1, 0, std::uint64_t{16} << 30, true, true, true});
  EXPECT_THAT(only(machine, "gpu.no-addresses").remedy, HasSubstr("pci=realloc"));
  machine.iommu->kernel_options = {"pci=nocrs,realloc"};
  EXPECT_THAT(only(machine, "gpu.no-addresses").remedy, testing::Not(HasSubstr("pci=realloc")));
  gpu.physical_function = kGpu1;
  EXPECT_FALSE(with({1, 0, 4096, true, true, true}))
      << "a virtual function's is a part of its physical one's";
}

TEST(Check, FindsAFirmwaresFramebufferUnderVfio) {
  Host machine = host();
  function_of(machine, kGpu0).driver = std::string("vfio-pci");
  const auto with = [&](std::vector<std::string> owners) {
    machine.uses = std::vector<DeviceUse>();
    for (const std::string& owner : owners)
      machine.uses->push_back({kGpu0, DeviceUse::Kind::Framebuffer, owner});
    return only(machine, "gpu.framebuffer");
  };
  EXPECT_EQ(with({"BOOTFB", "simpledrm"}).verdict, Verdict::Fail);
  EXPECT_THAT(with({"BOOTFB", "simpledrm"}).remedy, HasSubstr("simple-framebuffer.0"));
  EXPECT_THAT(with({"efifb"}).remedy, HasSubstr("efi-framebuffer.0"));
  EXPECT_THAT(with({"efifb"}).remedy, HasSubstr("video=efifb:off"));
  EXPECT_THAT(with({"vesadrm"}).remedy, HasSubstr("vesa-framebuffer.0"));
  EXPECT_THAT(with({"BOOTFB"}).remedy, HasSubstr("initcall_blacklist=sysfb_init"));
}

TEST(Check, KnowsModelsThatDoNotComeBack) {
  Host machine = host();
  PciFunction& gpu = function_of(machine, kGpu0);
  const auto with = [&](const char* method) {
    gpu.reset_methods = std::vector<std::string>{method};
    return only(machine, "gpu.reset");
  };
  EXPECT_EQ(with("bus").verdict, Verdict::Pass);
  gpu.known_model = KnownModel{"Navi 14", "a report", "plan for a reboot"};
  EXPECT_EQ(with("bus").verdict, Verdict::Warn);
  EXPECT_EQ(with("flr").remedy, "plan for a reboot");
  EXPECT_EQ(with("device_specific").verdict, Verdict::Pass) << "by vendor-reset";
}

TEST(Check, FindsThatTheKernelPretendsAcs) {
  Host machine = host();
  machine.iommu->kernel_options = {"pcie_acs_override=downstream,multifunction"};
  EXPECT_EQ(only(machine, "iommu.acs-override").verdict, Verdict::Warn);
  for (const GroupAssessment& group : assess_groups(machine))
    EXPECT_NE(group.isolation.kernel, Answer::Yes) << group.id;
}

TEST(Check, FindsAVirtualFunctionThatCarriesVgpus) {
  Host machine = host();
  PciFunction& gpu = function_of(machine, kGpu0);
  for (const unsigned type : {0u, 1500u}) {
    gpu.vgpu_type = type;
    EXPECT_EQ(only(machine, "gpu.vgpu").verdict, Verdict::Fail);
    EXPECT_THROW(plan_bind(machine, {kGpu0}, {.force = {kGpu0}}), Error);
  }
}

TEST(Check, KnowsEveryDriverOfVfio) {
  Host machine = host();
  PciFunction& gpu = function_of(machine, kGpu0);
  const auto state = [&] { return assessed(machine).state; };
  for (const char* driver : {"vfio-pci", "xe-vfio-pci", "nvgrace_gpu_vfio_pci", "mlx5-vfio-pci"}) {
    gpu.driver = std::string(driver);
    EXPECT_NE(state(), GpuState::Host) << driver;
  }
  gpu.driver = std::string("another");
  EXPECT_EQ(state(), GpuState::Host);
  gpu.vfio_device = std::string("vfio0");
  EXPECT_NE(state(), GpuState::Host);
}

TEST(Check, SaysWhatKeepsTheIommuOff) {
  Host machine = host();
  machine.iommu->units.clear();
  const auto remedy = [&](std::vector<std::string> tables, std::vector<std::string> options) {
    machine.iommu->firmware_tables = std::move(tables);
    machine.iommu->kernel_options = std::move(options);
    return only(machine, "iommu.active").remedy;
  };
  EXPECT_THAT(remedy({"DMAR"}, {"intel_iommu=off"}), HasSubstr("take intel_iommu=off off"));
  EXPECT_THAT(remedy({"IVRS"}, {"amd_iommu=off"}), HasSubstr("take amd_iommu=off off"));
  EXPECT_THAT(remedy({"DMAR"}, {}), HasSubstr("boot with intel_iommu=on"));
  EXPECT_THAT(remedy({"IVRS"}, {}), HasSubstr("AMD-Vi"));
  EXPECT_THAT(remedy({}, {"intel_iommu=on"}), HasSubstr("firmware's setup"));
  EXPECT_THAT(remedy({"DMAR"}, {"intel_iommu=on"}), HasSubstr("journalctl -k"));
  EXPECT_THAT(remedy({"device tree"}, {}), HasSubstr("iommu-map"));
  EXPECT_THAT(remedy({"Xen"}, {}), HasSubstr("without Xen"));
}

TEST(Check, SaysHowTheDistributionSetsAnOption) {
  Host machine = host();
  machine.iommu->units.clear();
  const auto remedy = [&](const char* tool, std::vector<std::string> options) {
    machine.iommu->options_tool = std::string(tool);
    machine.iommu->kernel_options = std::move(options);
    return only(machine, "iommu.active").remedy;
  };
  EXPECT_THAT(remedy("grubby", {}), HasSubstr("grubby --update-kernel=ALL --args=intel_iommu=on"));
  EXPECT_THAT(remedy("grubby", {"iommu=off"}), HasSubstr("--remove-args=iommu=off"));
  EXPECT_THAT(remedy("kernelstub", {}), HasSubstr("kernelstub --add-options intel_iommu=on"));
  EXPECT_THAT(remedy("update-grub", {}), HasSubstr("(gpupass prepare --fix iommu.disabled)"));
  EXPECT_THAT(remedy("proxmox-boot-tool", {}),
              HasSubstr("/etc/kernel/cmdline, then proxmox-boot-tool refresh"));
  EXPECT_THAT(remedy("syslinux", {}), HasSubstr("syslinux.cfg)"));
  EXPECT_THAT(remedy("another", {}), testing::Not(HasSubstr("(")));
}

TEST(Check, SaysWhatKeepsInterruptsFromBeingRemapped) {
  Host machine = host();
  machine.iommu->interrupt_remapping = false;
  const auto remedy = [&] { return only(machine, "iommu.interrupts").remedy; };
  EXPECT_THAT(remedy(), HasSubstr("firmware's setup"));
  machine.iommu->kernel_options = {"intremap=off"};
  EXPECT_THAT(remedy(), HasSubstr("take intremap=off off"));
  machine.iommu->kernel_options.clear();
  PciFunction bridge;
  bridge.vendor = std::uint16_t{0x8086};
  bridge.device = std::uint16_t{0x3406};
  bridge.driver = Absent{};
  bridge.config = Absent{};
  machine.functions.insert(machine.functions.begin(), bridge);
  EXPECT_THAT(remedy(), HasSubstr("allow_unsafe_interrupts"));
  EXPECT_EQ(assessed(machine).assignable, Answer::No) << "as bind says";
}

TEST(Check, FindsWhoUsesIt) {
  Host machine = host();
  function_of(machine, kGpu0).driver = std::string("amdgpu");
  machine.users =
      std::vector<DeviceUser>{{kGpu0, "/dev/dri/card0", 7, "Xorg"}, {kGpu0, "/dev/kfd", 9, "python3"}};
  const Finding finding = only(machine, "gpu.in-use");
  EXPECT_EQ(finding.verdict, Verdict::Fail);
  EXPECT_THAT(finding.message, HasSubstr("Xorg (process 7), python3 (process 9)"));
  machine.users = Unknown{"the open files of 3 processes are hidden"};
  EXPECT_EQ(only(machine, "gpu.in-use").verdict, Verdict::Unknown);
  function_of(machine, kGpu0).driver = std::string("vfio-pci");
  for (const Finding& other : check(machine, {kGpu0})) EXPECT_NE(other.id, "gpu.in-use");
}

TEST(Check, FindsAWedgedDevice) {
  Host machine = host();
  machine.wedged = std::vector<PciAddress>{kGpu0};
  EXPECT_EQ(only(machine, "gpu.wedged").verdict, Verdict::Fail);
  for (const Assessment& gpu : assess(machine)) EXPECT_EQ(gpu.state == GpuState::Wedged, gpu.device == kGpu0);
  try {
    plan_bind(machine, {kGpu0});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Wedged);
  }
}

TEST(Check, OfEveryCollectedMachineGivesDocumentedFindingsOnly) {
  SKIP_WITHOUT_SHARED_HOSTS();
  std::set<std::string> known, seen;
  for (const FindingId& id : finding_ids()) known.insert(id.id);
  for (const SharedTree& tree : shared_trees()) {
    const Host machine = probe(*open_host(tree.root), {Parts::everything(), {}});
    std::vector<PciAddress> gpus;
    for (const Assessment& gpu : assess(machine)) gpus.push_back(*gpu.device.function());
    for (const Finding& finding : check(machine, gpus)) {
      EXPECT_TRUE(known.contains(finding.id)) << finding.id;
      EXPECT_FALSE(finding.message.empty());
      seen.insert(finding.id);
    }
  }
  for (const char* id : {"gpu.reset", "iommu.active"}) EXPECT_TRUE(seen.contains(id)) << id;
}

}  // namespace
}  // namespace gpupass::check_gpus_test
