// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/sliced_hosts.hpp"
#include "support/error_of.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_slice_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Error refusal(const Host& host, unsigned vfs) {
  return error_of([&] { plan_slice_create(host, kSliceable, vfs); });
}

std::vector<std::string> reasons(const Error& error) {
  std::vector<std::string> ids;
  for (const Finding& finding : error.reasons()) ids.push_back(finding.id);
  return ids;
}

TEST(PlanSlice, CutsAGpuInOneStepThatItsUndoTakesBack) {
  const Host host = whole().build();
  const Plan plan = plan_slice_create(host, kSliceable, 4);
  EXPECT_THAT(summaries(plan), ElementsAre("cut 0000:65:00.0 into 4 virtual functions"));
  EXPECT_EQ(plan.steps[0].change, Change(SetVirtualFunctions{kSliceable, 4, true}));
  EXPECT_EQ(plan.steps[0].undo, std::optional<Change>(SetVirtualFunctions{kSliceable, 0, true}));
  EXPECT_EQ(undone(after(host, plan), plan, 1), host);
}

TEST(PlanSlice, IsDoneWhereThereAreAsMany) {
  EXPECT_EQ(plan_slice_create(cut().build(), kSliceable, 2), Plan{});
  EXPECT_EQ(plan_slice_destroy(whole().build(), kSliceable), Plan{});
  EXPECT_EQ(plan_slice_destroy(whole("nvidia").build(), kSliceable), Plan{}) << "whatever makes them";
}

TEST(PlanSlice, ABoundSliceLeavesItsDriverFirst) {
  Host host = cut("vfio-pci").home("0000:65:00.2", {"", ""}).build();
  for (PciFunction& function : host.functions)
    if (function.address == kSecondSlice) function.driver_override = std::string("vfio-pci");
  const Plan plan = plan_slice_destroy(host, kSliceable);
  EXPECT_THAT(summaries(plan),
              ElementsAre("unbind 0000:65:00.2 from vfio-pci", "forget where 0000:65:00.2 belongs",
                          "take the virtual functions of 0000:65:00.0 away"));
  const Host then = after(host, plan);
  EXPECT_EQ(find_function(then, kSecondSlice), nullptr);
  EXPECT_EQ(find_group(then, 7), nullptr);
  EXPECT_TRUE(then.homes->empty());
}

TEST(PlanSlice, RefusesMoreThanThereCanBe) {
  EXPECT_THAT(refusal(whole().build(), 5).what(),
              HasSubstr("saw 5 virtual functions wanted, expected at most 4"));
}

TEST(PlanSlice, RefusesWhatIsNoPhysicalFunctionWithSriov) {
  EXPECT_THAT(refusal(one_card().build(), 1).what(), HasSubstr("it has no SR-IOV"));
  const Error of_slice = error_of([] { plan_slice_create(cut().build(), kFirstSlice, 1); });
  EXPECT_THAT(of_slice.what(), HasSubstr("it is a virtual function of 0000:65:00.0"));
  Host unasked = HostBuilder(whole()).function("0000:02:00.0", 0x020000, "ice").build();
  unasked.functions.front().slicing = {};
  const Error of_other = error_of([&] { plan_slice_create(unasked, address("0000:02:00.0"), 1); });
  EXPECT_THAT(of_other.what(), HasSubstr("its ways to be cut are not known: it was not read"));
  Host unread = whole().build();
  unread.functions.front().sriov = Unknown{"a driver has hung"};
  EXPECT_THAT(refusal(unread, 1).what(), HasSubstr("its SR-IOV is not known: a driver has hung"));
}

TEST(PlanSlice, SaysWhatElseMakesThem) {
  EXPECT_THAT(refusal(whole("nvidia").build(), 1).hint(),
              HasSubstr("/usr/lib/nvidia/sriov-manage -e 0000:65:00.0"));
  EXPECT_THAT(refusal(whole("gim").build(), 1).hint(), HasSubstr("options gim vf_num=N"));
  EXPECT_THAT(refusal(whole("amdgpu").build(), 1).hint(), HasSubstr("gim"));
  EXPECT_THAT(refusal(whole("vfio-pci").build(), 1).hint(), HasSubstr("gpupass release 0000:65:00.0"));
  EXPECT_THAT(refusal(whole("").build(), 1).what(), HasSubstr("no driver is bound to it"));
  Host unread = whole().build();
  unread.functions.front().driver = Unknown{"Permission denied"};
  EXPECT_THAT(refusal(unread, 1).what(), HasSubstr("its driver is not known: Permission denied"));
}

TEST(PlanSlice, RefusesWhileASliceIsInUse) {
  EXPECT_THAT(reasons(refusal(cut("vfio-pci").guest("a", {"0000:65:00.2"}, {}).build(), 4)),
              ElementsAre("gpu.assigned"));
  EXPECT_THAT(reasons(refusal(cut("vfio-pci").holder(7, 4711, "qemu").build(), 4)), ElementsAre("gpu.held"));
  EXPECT_THAT(reasons(refusal(cut().guest("a", {}, {"0000:65:00.2"}).build(), 4)),
              ElementsAre("slice.wanted"));
  Host open = cut("xe").build();
  open.users = std::vector<DeviceUser>{{kSecondSlice, "/dev/dri/renderD129", 8, "blender"}};
  EXPECT_THAT(reasons(refusal(open, 4)), ElementsAre("gpu.in-use"));
  Host wedged = cut("xe").build();
  wedged.wedged = std::vector<PciAddress>{kSecondSlice};
  EXPECT_EQ(refusal(wedged, 4).code(), ErrorCode::Wedged);
}

/// To take a slice away is to take it from its guest.
TEST(PlanSlice, UndoIsRefusedWhileAGuestHasASlice) {
  const Plan undo{{}, {{"", "", SetVirtualFunctions{kSliceable, 0, true}, std::nullopt}}, {}};
  guard_undo(cut("vfio-pci").build(), undo);
  const Host given = cut("vfio-pci").guest("a", {"0000:65:00.2"}, {}).build();
  EXPECT_THAT(reasons(error_of([&] { guard_undo(given, undo); })), ElementsAre("gpu.assigned"));
  EXPECT_THAT(reasons(error_of([&] { guard_recovery(given, undo); })), ElementsAre("gpu.assigned"));
}

/// "Unknown" never lets a slice go.
TEST(PlanSlice, RefusesWhereUseIsNotKnown) {
  Host host = cut("vfio-pci").build();
  host.domains = Unknown{"libvirt does not answer"};
  host.holders = Unknown{"Permission denied"};
  EXPECT_THAT(reasons(refusal(host, 4)), testing::Contains("gpu.held"));
  host = cut().build();
  host.functions.front().virtual_functions = Unknown{"virtfn1 is gone"};
  EXPECT_THAT(refusal(host, 4).what(), HasSubstr("its virtual functions are not known: virtfn1 is gone"));
}

}  // namespace
}  // namespace gpupass::plan_slice_test
