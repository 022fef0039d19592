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

namespace gpupass {
namespace {

using testing::HasSubstr;

Host host() {
  Host result = two_sockets();
  result.iommu = Iommu{{"dmar0"}, {"DMAR"}, true, {}};
  for (PciFunction& function : result.functions)
    function.reset_methods = std::vector<std::string>{"flr", "bus"};
  return result;
}

/// The one finding with this id about `kGpu0`, or about the host.
Finding only(const Host& machine, const std::string& id) {
  std::vector<Finding> findings = check(machine, {kGpu0});
  std::erase_if(findings, [&](const Finding& finding) { return finding.id != id; });
  EXPECT_EQ(findings.size(), 1u) << id;
  return findings.empty() ? Finding{} : findings.front();
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
}  // namespace gpupass
