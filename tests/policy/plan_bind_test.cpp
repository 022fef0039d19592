// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_bind_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

const PciAddress kGpu = address("0000:65:00.0");
const PciAddress kAudio = address("0000:65:00.1");

Error refusal(const Host& host, const std::vector<PciAddress>& gpus) {
  return error_of([&] { plan_bind(host, gpus); });
}

/// Whichever step is the last that was made, undoing brings back the host as found; and a second plan is
/// empty.
void expect_laws(const Host& host, const std::vector<PciAddress>& gpus) {
  const Plan plan = plan_bind(host, gpus);
  for (std::size_t made = 0; made <= plan.steps.size(); ++made)
    EXPECT_EQ(undone(after(host, plan, made), plan, made), host) << made << " steps";
  EXPECT_THAT(plan_bind(after(host, plan), gpus).steps, IsEmpty());
}

TEST(PlanBind, MovesEveryFunctionOfTheCardGpuLastAndFirst) {
  const Host host = one_card().build();
  const Plan plan = plan_bind(host, {kGpu});
  EXPECT_THAT(summaries(plan), ElementsAre("load vfio-pci",  //
                                           "record that 0000:65:00.1 belongs to snd_hda_intel",
                                           "record that 0000:65:00.0 belongs to nvidia",  //
                                           "aim 0000:65:00.1 at vfio-pci", "aim 0000:65:00.0 at vfio-pci",
                                           "unbind 0000:65:00.1 from snd_hda_intel",
                                           "unbind 0000:65:00.0 from nvidia",  //
                                           "bind 0000:65:00.0 to vfio-pci", "bind 0000:65:00.1 to vfio-pci"));
  expect_laws(host, {kGpu});
}

TEST(PlanBind, EveryStepSaysWhyAndCanBeUndoneButForLoadingTheModule) {
  for (const Step& step : plan_bind(one_card().build(), {kGpu}).steps) {
    EXPECT_FALSE(step.reason.empty()) << step.summary;
    EXPECT_EQ(step.undo.has_value(), !std::holds_alternative<LoadModule>(step.change)) << step.summary;
  }
}

TEST(PlanBind, UndoesAnUnbindWithTheDriverBackBeforeTheOverrideGoes) {
  const Plan plan = plan_bind(one_card().build(), {kGpu});
  EXPECT_EQ(std::get<SetDriver>(*plan.steps[6].undo), (SetDriver{kGpu, {"nvidia", "vfio-pci"}, false}));
  EXPECT_EQ(std::get<SetDriver>(*plan.steps[4].undo), (SetDriver{kGpu, {"nvidia", ""}, false}));
}

TEST(PlanBind, AssumesWhatItSawOfEachFunction) {
  const Plan plan = plan_bind(one_card().build(), {kGpu});
  using Kind = Assumption::Kind;
  const std::string gpu = "/sys/bus/pci/devices/0000:65:00.0/";
  EXPECT_EQ(plan.assumes.size(), 10u);
  EXPECT_THAT(plan.assumes, Contains(Assumption{Kind::Attribute, gpu + "vendor", "0x10de"}));
  EXPECT_THAT(plan.assumes, Contains(Assumption{Kind::Attribute, gpu + "device", "0x2330"}));
  EXPECT_THAT(plan.assumes, Contains(Assumption{Kind::Link, gpu + "driver", "nvidia"}));
  EXPECT_THAT(plan.assumes, Contains(Assumption{Kind::Attribute, gpu + "driver_override", "(null)"}));
  EXPECT_THAT(plan.assumes, Contains(Assumption{Kind::Link, gpu + "iommu_group", "5"}));
}

TEST(PlanBind, NamesNothingOutsideTheClosure) {
  const Host host = one_card().gpu("0000:41:00.0").group(4, {"0000:41:00.0"}).build();
  const auto closure = closure_of(host, kGpu);
  for (const Step& step : plan_bind(host, {kGpu}).steps) {
    const auto* change = std::get_if<SetDriver>(&step.change);
    EXPECT_TRUE(!change || std::ranges::binary_search(closure, change->device)) << step.summary;
  }
}

TEST(PlanBind, OfWhatIsBoundIsEmptyEvenWhileAGuestRunsWithIt) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0", "vfio-pci")
                        .group(5, {"0000:65:00.0"})
                        .guest("guest1", {"0000:65:00.0"}, {})
                        .holder(5, 77, "qemu")
                        .build();
  EXPECT_EQ(plan_bind(host, {kGpu}), Plan{});
}

TEST(PlanBind, AFunctionWithoutDriverIsNotUnbound) {
  const Host host = HostBuilder().gpu("0000:65:00.0", "").group(5, {"0000:65:00.0"}).build();
  EXPECT_THAT(summaries(plan_bind(host, {kGpu})),
              ElementsAre("load vfio-pci", "record that 0000:65:00.0 belongs to no driver",
                          "aim 0000:65:00.0 at vfio-pci", "bind 0000:65:00.0 to vfio-pci"));
  expect_laws(host, {kGpu});
}

TEST(PlanBind, AimsAtTheDriverOfVfiosThatIsMadeForTheDevice) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions)
    if (function.address == kGpu) function.vfio_driver = std::string("nvgrace_gpu_vfio_pci");
  const Plan plan = plan_bind(host, {kGpu});
  EXPECT_THAT(
      summaries(plan),
      IsSupersetOf({"load nvgrace_gpu_vfio_pci", "load vfio-pci", "aim 0000:65:00.0 at nvgrace_gpu_vfio_pci",
                    "bind 0000:65:00.0 to nvgrace_gpu_vfio_pci", "bind 0000:65:00.1 to vfio-pci"}));
  expect_laws(host, {kGpu});
  EXPECT_EQ(plan_bind(after(host, plan), {kGpu}), Plan{});
  EXPECT_EQ(after(after(host, plan), plan_release(after(host, plan), {kGpu})).functions, host.functions);
}

TEST(PlanBind, TakesUpWhereACrashLeftOffAndKeepsTheFirstRecord) {
  const Host host = one_card().build();
  const Plan plan = plan_bind(host, {kGpu});
  for (std::size_t made = 0; made <= plan.steps.size(); ++made) {
    const Host crashed = after(host, plan, made);
    const Host bound = after(crashed, plan_bind(crashed, {kGpu}));
    EXPECT_EQ(bound, after(host, plan)) << made << " steps made before the crash";
  }
}

TEST(PlanBind, RecordsAnewWhatWasRecordedForAnotherCardOrDriver) {
  Host host =
      one_card().home("0000:65:00.0", {"nouveau", ""}).home("0000:65:00.1", {"snd_hda_intel", ""}).build();
  const Host bound = after(host, plan_bind(host, {kGpu}));
  EXPECT_EQ(find_home(bound, kGpu)->state, (DriverState{"nvidia", ""}));
  expect_laws(host, {kGpu});
  (*host.homes)[1].identity.device = 0x1234;
  EXPECT_EQ(find_home(after(host, plan_bind(host, {kGpu})), kAudio)->identity.device, 0x2330);
  expect_laws(host, {kGpu});
}

TEST(PlanBind, NeverRecordsVfioAsAHome) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .audio("0000:65:00.1", "vfio-pci")
                        .group(5, {"0000:65:00.0", "0000:65:00.1"})
                        .build();
  const Host bound = after(host, plan_bind(host, {kGpu}));
  EXPECT_TRUE(find_home(bound, kGpu));
  EXPECT_FALSE(find_home(bound, kAudio));
  expect_laws(host, {kGpu});
}

TEST(PlanBind, SeveralGpusShareOnePlanAndOverlapsMoveOnce) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .gpu("0000:66:00.0")
                        .gpu("0000:67:00.0")
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .group(7, {"0000:67:00.0"})
                        .build();
  const std::vector<PciAddress> gpus{kGpu, address("66:00.0"), address("67:00.0")};
  EXPECT_EQ(plan_bind(host, gpus).steps.size(), 1u + 3 * 4);
  expect_laws(host, gpus);
  EXPECT_THAT(refusal(host, {kGpu}).hint(), HasSubstr("name 0000:66:00.0 as well"));
}

TEST(PlanBind, LeavesNoDisplayBehindOnlyByRefusal) {
  const Host host = HostBuilder()
                        .vga("0000:65:00.0")
                        .vga("0000:66:00.0")
                        .group(5, {"0000:65:00.0"})
                        .group(6, {"0000:66:00.0"})
                        .build();
  EXPECT_FALSE(plan_bind(host, {kGpu}).steps.empty());
  EXPECT_THAT(refusal(host, {kGpu, address("66:00.0")}).what(), HasSubstr("no display left"));
}

TEST(PlanBind, AStrangerWithoutDriverIsNotTakenAlong) {
  HostBuilder builder;
  builder.gpu("0000:65:00.0").function("0000:66:00.0", 0x010802).group(5, {"0000:65:00.0", "0000:66:00.0"});
  const Error error = refusal(builder.build(), {kGpu});
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.what(), HasSubstr("0000:66:00.0"));
}

TEST(PlanBind, AStrangerThatIsNamedIsTakenAlong) {
  for (const char* driver : {"", "nvme"}) {
    HostBuilder builder;
    builder.gpu("0000:65:00.0")
        .function("0000:66:00.0", 0x010802, driver)
        .group(5, {"0000:65:00.0", "0000:66:00.0"});
    const Host host = builder.build();
    EXPECT_THAT(refusal(host, {kGpu}).hint(), HasSubstr("--force 0000:66:00.0"));
    const Plan plan = plan_bind(host, {kGpu}, {{address("66:00.0")}});
    EXPECT_THAT(summaries(plan), Contains("bind 0000:66:00.0 to vfio-pci"));
    EXPECT_EQ(undone(after(host, plan), plan, plan.steps.size()), host);
  }
}

TEST(PlanBind, ForceGivesUpTheProtectionOfTheNamedDeviceAlone) {
  Host host = HostBuilder()
                  .vga("0000:65:00.0")
                  .vga("0000:66:00.0")
                  .group(5, {"0000:65:00.0"})
                  .group(6, {"0000:66:00.0"})
                  .build();
  host.functions[0].boot_vga = true;
  host.functions[0].reset_methods = std::vector<std::string>{};
  EXPECT_THAT(refusal(host, {kGpu}).what(), HasSubstr("the firmware started on"));
  EXPECT_THAT(refusal(host, {kGpu}).what(), HasSubstr("cannot be reset"));
  EXPECT_THROW(plan_bind(host, {kGpu}, {{address("66:00.0")}}), Error) << "that is another one";
  EXPECT_THROW(plan_bind(host, {kGpu}, {{kGpu, address("99:00.0")}}), Error) << "there is no such device";
  EXPECT_FALSE(plan_bind(host, {kGpu}, {{kGpu}}).steps.empty());
}

TEST(PlanBind, CertainHarmCannotBeForced) {
  Host host = one_card().build();
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Mounted, "sda1"}};
  EXPECT_THROW(plan_bind(host, {kGpu}, {{kGpu}}), Error);
  host.uses = std::vector<DeviceUse>{};
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/dri/card0", 7, "Xorg"}};
  EXPECT_THROW(plan_bind(host, {kGpu}, {{kGpu}}), Error);
  host.users = std::vector<DeviceUser>{};
  for (IommuGroup& group : *host.groups) group.reserved_regions = {"0x6f000000 0x6fffffff direct"};
  EXPECT_THROW(plan_bind(host, {kGpu}, {{kGpu}}), Error);
}

TEST(PlanBind, KeepsTheCardsPowerWhileItIsAway) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions) function.d3cold_allowed = true;
  const Plan plan = plan_bind(host, {kGpu});
  EXPECT_THAT(summaries(plan), Contains("keep 0000:65:00.0 out of D3cold"));
  for (const std::string& summary : summaries(plan))
    EXPECT_NE(summary, "keep 0000:65:00.1 out of D3cold") << "the GPU speaks for its card";
  expect_laws(host, {kGpu});
  EXPECT_EQ(find_home(after(host, plan), kGpu)->d3cold_allowed, true);
}

TEST(PlanBind, PowerThatWasKeptAlreadyIsNoStep) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions) function.d3cold_allowed = false;
  for (const std::string& summary : summaries(plan_bind(host, {kGpu})))
    EXPECT_THAT(summary, Not(HasSubstr("D3cold")));
}

TEST(PlanBind, AStrangerOnVfioDoesNotMove) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x010802, "vfio-pci")
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  for (const Step& step : plan_bind(host, {kGpu}).steps)
    EXPECT_THAT(step.summary, Not(HasSubstr("0000:66:00.0")));
  expect_laws(host, {kGpu});
}

TEST(PlanBind, RefusesWithEveryReasonAndRemedy) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x010802, "nvme")
                        .function("0000:67:00.0", 0x020000, "mlx5_core")
                        .group(5, {"0000:65:00.0", "0000:66:00.0", "0000:67:00.0"})
                        .build();
  const Error error = refusal(host, {kGpu});
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_EQ(error.subject(), "0000:65:00.0");
  EXPECT_THAT(error.what(), HasSubstr("cannot bind 0000:65:00.0: 0000:66:00.0 (class 010802, driver nvme)"));
  EXPECT_THAT(error.what(), HasSubstr("mlx5_core"));
  EXPECT_THAT(error.hint(), HasSubstr("another slot"));
}

TEST(PlanBind, RefusesWhatItDoesNotKnow) {
  const auto with = [](void (*change)(PciFunction&)) {
    return HostBuilder().gpu("0000:65:00.0").with(change).group(5, {"0000:65:00.0"}).build();
  };
  EXPECT_EQ(refusal(with([](PciFunction& f) { f.driver = Unknown{"x"}; }), {kGpu}).code(),
            ErrorCode::Refused);
  EXPECT_EQ(refusal(with([](PciFunction& f) { f.driver_override = Unknown{"x"}; }), {kGpu}).code(),
            ErrorCode::Refused);
  EXPECT_EQ(refusal(with([](PciFunction& f) { f.driver_override = {}; }), {kGpu}).code(), ErrorCode::Refused);
  EXPECT_EQ(refusal(with([](PciFunction& f) { f.vendor = Unknown{"x"}; }), {kGpu}).code(),
            ErrorCode::Refused);
  EXPECT_EQ(refusal(one_card().host([](Host& h) { h.holders = {}; }).build(), {kGpu}).code(),
            ErrorCode::Refused);
}

TEST(PlanBind, OfWhatTheHostDoesNotHaveIsNotFound) {
  EXPECT_EQ(refusal(one_card().build(), {address("99:00.0")}).code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace gpupass::plan_bind_test
