// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_release_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kGpu = address("0000:65:00.0");
const PciAddress kAudio = address("0000:65:00.1");

Host bound(const Host& host) {
  return after(host, plan_bind(host, {kGpu}));
}

/// The host once the kernel has chosen the drivers that nobody could foretell.
Host chosen(Host host) {
  for (PciFunction& function : host.functions)
    if (function.driver.unknown()) function.driver = std::string("the-kernels-choice");
  return host;
}

void expect_laws(const Host& host) {
  const Plan plan = plan_release(host, {kGpu});
  for (std::size_t made = 0; made <= plan.steps.size(); ++made)
    EXPECT_EQ(undone(after(host, plan, made), plan, made), host) << made << " steps";
  EXPECT_EQ(plan_release(chosen(after(host, plan)), {kGpu}), Plan{});
}

Error refusal(const Host& host) {
  return error_of([&] { plan_release(host, {kGpu}); });
}

TEST(PlanRelease, RefusesAWedgedFunctionOfWhichNothingIsKnownAnyMore) {
  Host host = bound(one_card().build());
  host.wedged = std::vector<PciAddress>{kAudio};
  for (PciFunction& function : host.functions)
    if (function.address == kAudio) function.driver_override = Unknown{"a driver has hung"};
  EXPECT_EQ(refusal(host).code(), ErrorCode::Wedged);
}

TEST(PlanRelease, BringsEachFunctionHomeGpuFirst) {
  const Host host = one_card().build();
  const Plan plan = plan_release(bound(host), {kGpu});
  EXPECT_THAT(summaries(plan),
              ElementsAre("unbind 0000:65:00.1 from vfio-pci", "unbind 0000:65:00.0 from vfio-pci",
                          "bind 0000:65:00.0 to nvidia", "bind 0000:65:00.1 to snd_hda_intel",
                          "forget where 0000:65:00.0 belongs", "forget where 0000:65:00.1 belongs"));
  EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(PlanRelease, AfterBindIsTheIdentity) {
  for (const HostBuilder& builder : {one_card(), HostBuilder(one_card()).gpu("0000:66:00.0", ""),
                                     HostBuilder()
                                         .gpu("0000:65:00.0", "")
                                         .overridden("nvidia")
                                         .audio("0000:65:00.1")
                                         .overridden("snd_hda_intel")
                                         .group(5, {"0000:65:00.0", "0000:65:00.1"}),
                                     HostBuilder()
                                         .gpu("0000:65:00.0")
                                         .function("0000:66:00.0", 0x020000, "vfio-pci")
                                         .group(5, {"0000:65:00.0", "0000:66:00.0"})}) {
    const Host host = builder.build();
    EXPECT_EQ(after(bound(host), plan_release(bound(host), {kGpu})), host);
    expect_laws(bound(host));
  }
}

TEST(PlanRelease, LeavesAnOverrideThatWasThereBeforeBind) {
  const Host host =
      HostBuilder().gpu("0000:65:00.0", "").overridden("vfio-pci").group(5, {"0000:65:00.0"}).build();
  EXPECT_EQ(after(bound(host), plan_release(bound(host), {kGpu})), host);
}

TEST(PlanRelease, BringsHomeFromWhereverABindCrashed) {
  const Host host = one_card().build();
  const Plan plan = plan_bind(host, {kGpu});
  for (std::size_t made = 3; made <= plan.steps.size(); ++made) {  // After the records.
    const Host crashed = after(host, plan, made);
    EXPECT_EQ(after(crashed, plan_release(crashed, {kGpu})), host) << made << " steps made before the crash";
    expect_laws(crashed);
  }
}

TEST(PlanRelease, LetsTheCardIntoD3coldAgainWhereItWas) {
  for (const bool allowed : {false, true}) {
    Host host = one_card().build();
    for (PciFunction& function : host.functions) function.d3cold_allowed = allowed;
    EXPECT_EQ(after(bound(host), plan_release(bound(host), {kGpu})), host);
    expect_laws(bound(host));
  }
}

TEST(PlanRelease, WithoutARecordTheKernelChoosesAndTheUserIsTold) {
  const Host host =
      HostBuilder().gpu("0000:65:00.0", "vfio-pci").overridden("vfio-pci").group(5, {"0000:65:00.0"}).build();
  const Plan plan = plan_release(host, {kGpu});
  ASSERT_EQ(plan.steps.size(), 2u);
  EXPECT_TRUE(std::get<SetDriver>(plan.steps[1].change).kernel_chooses);
  EXPECT_THAT(plan.notes, ElementsAre(HasSubstr("there is no record")));
  const Host released = after(host, plan);
  EXPECT_TRUE(released.functions[0].driver.unknown());
  EXPECT_TRUE(released.functions[0].driver_override.absent());
  expect_laws(host);
}

TEST(PlanRelease, ARecordOfAnotherCardIsNone) {
  Host host = bound(one_card().build());
  for (Home& home : *host.homes) home.identity.device = 0x1111;
  const Plan plan = plan_release(host, {kGpu});
  EXPECT_TRUE(find_function(after(host, plan), kGpu)->driver.unknown());
  EXPECT_THAT(after(host, plan).homes.value_or({}), IsEmpty());
  expect_laws(host);
}

TEST(PlanRelease, WithoutARecordAStrangerOnVfioStays) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x020000, "vfio-pci")
                        .overridden("vfio-pci")
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  EXPECT_EQ(after(bound(host), plan_release(bound(host), {kGpu})), host);
}

TEST(PlanRelease, OfWhatIsAtHomeIsEmpty) {
  EXPECT_EQ(plan_release(one_card().build(), {kGpu}), Plan{});
  const Host idle = HostBuilder().gpu("0000:65:00.0", "").group(5, {"0000:65:00.0"}).build();
  EXPECT_EQ(plan_release(idle, {kGpu}), Plan{});
}

TEST(PlanRelease, OnlyClearsAnOverrideThatWouldBringVfioBack) {
  const Host host =
      HostBuilder().gpu("0000:65:00.0").overridden("vfio-pci").group(5, {"0000:65:00.0"}).build();
  EXPECT_THAT(summaries(plan_release(host, {kGpu})),
              ElementsAre("clear the driver override of 0000:65:00.0"));
  expect_laws(host);
}

TEST(PlanRelease, RefusesWhileAGuestRunsWithIt) {
  Host host = bound(one_card().build());
  host.domains->push_back({});
  host.domains->back().name = "guest1";
  host.domains->back().active = true;
  host.domains->back().live_devices = {kAudio};
  EXPECT_EQ(refusal(host).code(), ErrorCode::Refused);
  EXPECT_THAT(refusal(host).what(), HasSubstr("guest1"));
}

TEST(PlanRelease, RefusesWhileTheNodeIsHeldOrMayBe) {
  Host host = bound(one_card().build());
  host.holders->push_back({5, 4242, "qemu-system-x86"});
  EXPECT_THAT(refusal(host).what(), HasSubstr("qemu-system-x86 (process 4242)"));
  host.holders = Unknown{"needs root"};
  EXPECT_THAT(refusal(host).what(), HasSubstr("needs root"));
  host.holders = {};
  EXPECT_EQ(refusal(host).code(), ErrorCode::Refused);
}

TEST(PlanRelease, RefusesAPhysicalFunctionWithVirtualOnes) {
  Host host = bound(one_card().build());
  for (PciFunction& function : host.functions)
    if (function.address == kGpu) function.sriov = Sriov{16, 2};
  EXPECT_THAT(refusal(host).what(), HasSubstr("virtual functions"));
}

TEST(PlanRelease, TellsWhichGuestsAreDefinedWithIt) {
  Host host = bound(one_card().guest("guest1", {}, {"0000:65:00.0"}).build());
  EXPECT_THAT(plan_release(host, {kGpu}).notes, ElementsAre(HasSubstr("guest1")));
}

}  // namespace
}  // namespace gpupass::plan_release_test
