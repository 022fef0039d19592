// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/sliced_hosts.hpp"
#include "support/error_of.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_slice_types_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
const DeviceId kMediated = *DeviceId::parse(kUuid);

Error refusal(const Host& host, const SliceRequest& request, PciAddress gpu = kSliceable) {
  return error_of([&] { plan_slice_create(host, gpu, request); });
}

Error refusal_to_destroy(const Host& host, DeviceId slice) {
  return error_of([&] { plan_slice_destroy(host, {slice}); });
}

std::vector<std::string> ids_of(const Error& error) {
  std::vector<std::string> ids;
  for (const Finding& finding : error.reasons()) ids.push_back(finding.id);
  return ids;
}

// --- vGPUs ---

TEST(PlanSliceTypes, TakesTheLowestFreeFunctionsByIdOrName) {
  const Host host = for_vgpus();
  const Plan plan = plan_slice_create(host, kSliceable, {"L40S-1B", 2});
  EXPECT_THAT(summaries(plan),
              ElementsAre("make 0000:65:00.1 a vGPU of type 1145", "make 0000:65:00.2 a vGPU of type 1145"));
  EXPECT_EQ(plan.steps[0].undo, std::optional<Change>(SetVgpuType{kFirstSlice, 0}));
  EXPECT_EQ(plan_slice_create(host, kSliceable, {"1145", 2}), plan);
  EXPECT_EQ(plan_slice_create(host, kSliceable, {"nvidia l40s-1b", 2}), plan);
  EXPECT_EQ(find_function(after(host, plan), kFirstSlice)->vgpu_type, Fact<unsigned>(1145u));
}

TEST(PlanSliceTypes, AFunctionThatIsOpenOrWantedIsPassedOver) {
  Host host = for_vgpus();
  host.holders->push_back({6, 4711, "qemu"});
  EXPECT_THAT(summaries(plan_slice_create(host, kSliceable, {"1145"})),
              ElementsAre("make 0000:65:00.2 a vGPU of type 1145"));
  EXPECT_THAT(refusal(host, {"1145", 2}).what(), HasSubstr("saw 1 free virtual functions"));
  host = for_vgpus();
  host.domains->push_back({"a", "", false, true, false, {}, {kFirstSlice}, {}, "", ""});
  EXPECT_THAT(summaries(plan_slice_create(host, kSliceable, {"1145"})),
              ElementsAre("make 0000:65:00.2 a vGPU of type 1145"));
  EXPECT_THAT(summaries(plan_slice_create(host, kFirstSlice, {"1145"})),
              ElementsAre("make 0000:65:00.1 a vGPU of type 1145"));
}

TEST(PlanSliceTypes, ATypeThatCannotBeMadeNowIsRefusedWithThoseThatCan) {
  const Error other = refusal(for_vgpus(), {"H100-1B"});
  EXPECT_THAT(other.what(), HasSubstr("type \"H100-1B\" cannot be made now"));
  EXPECT_THAT(other.hint(), HasSubstr("these can be made: 1145 (NVIDIA L40S-1B), 1150 (NVIDIA L40S-2B)"));
  EXPECT_THAT(refusal(for_vgpus({}), {"1145"}).hint(), HasSubstr("none can be made now"));
  Host unread = for_vgpus({});
  unread.functions[2].slicing->creatable_vgpus = Unknown{"no answer"};
  EXPECT_THAT(refusal(unread, {"1145"}).what(), HasSubstr("is not known: 0000:65:00.2: no answer"));
  EXPECT_THAT(refusal(cut().build(), {"1145"}).what(), HasSubstr("its driver makes no slices by type"));
  EXPECT_THAT(refusal(whole("nvidia").build(), {"1145"}).hint(), HasSubstr("sriov-manage -e 0000:65:00.0"));
}

TEST(PlanSliceTypes, AFunctionWithAVgpuIsAsAskedOrRefused) {
  EXPECT_EQ(plan_slice_create(with_vgpu(), kFirstSlice, {"1145"}), Plan{});
  EXPECT_EQ(plan_slice_create(with_vgpu(), kFirstSlice, {"L40S-1B"}), Plan{});
  EXPECT_THAT(refusal(with_vgpu(), {"1150"}, kFirstSlice).hint(),
              HasSubstr("gpupass slice destroy 0000:65:00.1"));
}

TEST(PlanSliceTypes, VgpusHaveNoUuidAndDoNotLast) {
  EXPECT_THAT(refusal(for_vgpus(), {"1145", 1, kUuid}).what(), HasSubstr("they have no UUID"));
  Host host = for_vgpus();
  host.mediated_definitions = std::vector<MediatedDefinition>();
  EXPECT_THAT(refusal(host, {"1145", 1, "", true}).what(), HasSubstr("nothing keeps them over a boot"));
}

TEST(PlanSliceTypes, AVgpuGoesUnlessItIsInUseOrWanted) {
  EXPECT_THAT(summaries(plan_slice_destroy(with_vgpu(), {kFirstSlice, kSecondSlice})),
              ElementsAre("take the vGPU of type 1145 of 0000:65:00.1 away"));
  Host host = with_vgpu();
  host.holders->push_back({6, 4711, "qemu"});
  const Error held = refusal_to_destroy(host, kFirstSlice);
  EXPECT_THAT(ids_of(held), ElementsAre("gpu.held"));
  EXPECT_THAT(held.what(), HasSubstr("0000:65:00.1 is held by qemu (process 4711)"));
  host = with_vgpu();
  host.domains->push_back({"a", "", true, true, false, {kFirstSlice}, {kFirstSlice}, {}, "", ""});
  EXPECT_THAT(ids_of(refusal_to_destroy(host, kFirstSlice)), ElementsAre("gpu.assigned", "slice.wanted"));
  host = with_vgpu();
  host.holders = Unknown{"Permission denied"};
  EXPECT_THAT(ids_of(refusal_to_destroy(host, kFirstSlice)), ElementsAre("gpu.held"));
  EXPECT_THAT(refusal_to_destroy(cut().build(), kFirstSlice).hint(),
              HasSubstr("gpupass slice destroy 0000:65:00.0 takes all virtual functions"));
}

// --- mediated devices ---

/// What --dry-run prints is what a later run makes.
TEST(PlanSliceTypes, AMediatedDeviceHasAlwaysTheSameUuid) {
  const Host host = for_mediated();
  const Plan plan = plan_slice_create(host, kSliceable, {"T4-1B", 2});
  EXPECT_EQ(plan_slice_create(for_mediated(), kSliceable, {"nvidia-222", 2}), plan);
  ASSERT_EQ(plan.steps.size(), 2u);
  const auto& first = std::get<SetMediatedDevice>(plan.steps[0].change);
  const auto& second = std::get<SetMediatedDevice>(plan.steps[1].change);
  EXPECT_NE(first.device, second.device);
  EXPECT_EQ(first.parent, kSliceable);
  EXPECT_EQ(first.type, "nvidia-222");
  EXPECT_EQ(first.device.to_string()[14], '8') << "the version";
}

TEST(PlanSliceTypes, ANumberIsNotTakenTwice) {
  const Host host = for_mediated();
  const DeviceId first =
      std::get<SetMediatedDevice>(plan_slice_create(host, kSliceable, {"T4-1B"}).steps[0].change).device;
  const Plan next = plan_slice_create(for_mediated({first.to_string()}), kSliceable, {"T4-1B"});
  EXPECT_NE(std::get<SetMediatedDevice>(next.steps[0].change).device, first);
  Host kept = for_mediated();
  kept.mediated_definitions = std::vector<MediatedDefinition>{{kSliceable, first.to_string(), "nvidia-222"}};
  EXPECT_EQ(plan_slice_create(kept, kSliceable, {"T4-1B"}), next);
}

TEST(PlanSliceTypes, TheDeviceThatIsNamedIsMadeOnce) {
  EXPECT_THAT(summaries(plan_slice_create(for_mediated(), kSliceable, {"T4-1B", 1, kUuid})),
              ElementsAre(HasSubstr(kUuid)));
  const Host made = for_mediated({kUuid});
  EXPECT_EQ(plan_slice_create(made, kSliceable, {"T4-1B", 1, kUuid}), Plan{});
  EXPECT_THAT(refusal(made, {"T4-2B", 1, kUuid}).what(), HasSubstr("is another mediated device already"));
  EXPECT_THAT(refusal(for_mediated(), {"T4-1B", 1, "none"}).what(), HasSubstr("expected a UUID"));
  EXPECT_THAT(refusal(for_mediated(), {"T4-1B", 2, kUuid}).what(), HasSubstr("expected one device"));
}

TEST(PlanSliceTypes, OneThatIsKeptIsFirstKeptAndThenMade) {
  const SliceRequest request{"T4-1B", 1, kUuid, true};
  const Host host = for_mediated();
  const Plan plan = plan_slice_create(host, kSliceable, request);
  EXPECT_THAT(summaries(plan), ElementsAre(fmt::format("have mdevctl make {} at every boot", kUuid),
                                           HasSubstr("make the mediated device")));
  const Host then = after(host, plan);
  EXPECT_EQ(then.mediated_definitions,
            (Fact(std::vector<MediatedDefinition>{{kSliceable, kUuid, "nvidia-222", true}})));
  EXPECT_EQ(plan_slice_create(then, kSliceable, request), Plan{});
  EXPECT_THAT(summaries(plan_slice_create(for_mediated({kUuid}), kSliceable, request)),
              ElementsAre(HasSubstr("have mdevctl make")));
  EXPECT_THAT(summaries(plan_slice_destroy(then, {kMediated})),
              ElementsAre(HasSubstr("have mdevctl forget"), HasSubstr("remove the mediated device")));
}

TEST(PlanSliceTypes, NothingIsKeptWithoutMdevctlAndLibvirt) {
  const SliceRequest request{"T4-1B", 1, kUuid, true};
  Host host = for_mediated();
  host.mediated_definitions = Absent{};
  EXPECT_THAT(refusal(host, request).hint(), HasSubstr("install the package mdevctl"));
  EXPECT_THAT(plan_slice_create(host, kSliceable, {"T4-1B"}).notes,
              Contains(HasSubstr("the next boot forgets mediated devices")));
  host = for_mediated();
  host.domains = Absent{};
  EXPECT_THAT(refusal(host, request).hint(), HasSubstr("libvirtd"));
}

TEST(PlanSliceTypes, RefusesAMediatedDeviceWithoutRoom) {
  EXPECT_THAT(refusal(for_mediated(), {"T4-8B"}).hint(),
              HasSubstr("nvidia-222 (GRID T4-1B), nvidia-223 (GRID T4-2B)"));
  EXPECT_THAT(refusal(for_mediated(), {"T4-1B", 3}).what(), HasSubstr("saw room for 2 of type nvidia-222"));
}

TEST(PlanSliceTypes, AMediatedDeviceGoesUnlessItIsInUseOrWanted) {
  const Host host = for_mediated({kUuid});
  const Plan plan = plan_slice_destroy(host, {kMediated});
  EXPECT_THAT(summaries(plan),
              ElementsAre(fmt::format("remove the mediated device {} of 0000:65:00.0", kUuid)));
  EXPECT_THAT(after(host, plan).functions.front().slicing->mediated_types->front().devices.value_or({"?"}),
              IsEmpty());
  Host held = host;
  held.holders->push_back({99, 4711, "qemu", kUuid});
  EXPECT_THAT(ids_of(refusal_to_destroy(held, kMediated)), ElementsAre("gpu.held"));
  Host wanted = host;
  wanted.domains->push_back({"a", "", false, true, false, {}, {kMediated}, {}, "", ""});
  EXPECT_THAT(ids_of(refusal_to_destroy(wanted, kMediated)), ElementsAre("slice.wanted"));
  EXPECT_EQ(refusal_to_destroy(for_mediated(), kMediated).code(), ErrorCode::NotFound);
  Host settings = host;
  settings.mediated_definitions =
      std::vector<MediatedDefinition>{{kSliceable, kUuid, "nvidia-222", true, /*attributes=*/true}};
  EXPECT_THAT(refusal_to_destroy(settings, kMediated).hint(), HasSubstr("mdevctl undefine -u"));
}

/// To take a slice away is to take it from its guest.
TEST(PlanSliceTypes, UndoIsRefusedWhileSomebodyHasTheSlice) {
  const Plan vgpu{{}, {{"", "", SetVgpuType{kFirstSlice, 0}, std::nullopt}}, {}};
  const Plan mediated{
      {}, {{"", "", SetMediatedDevice{kMediated, kSliceable, "nvidia-222", false}, std::nullopt}}, {}};
  Host host = with_vgpu();
  guard_undo(host, vgpu);
  guard_undo(for_mediated({kUuid}), mediated);
  host.holders->push_back({6, 4711, "qemu"});
  EXPECT_THAT(ids_of(error_of([&] { guard_undo(host, vgpu); })), ElementsAre("gpu.held"));
  Host held = for_mediated({kUuid});
  held.holders->push_back({99, 4711, "qemu", kUuid});
  EXPECT_THAT(ids_of(error_of([&] { guard_recovery(held, mediated); })), ElementsAre("gpu.held"));
}

}  // namespace
}  // namespace gpupass::plan_slice_types_test
