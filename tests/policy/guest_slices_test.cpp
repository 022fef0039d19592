// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "guest/edit/hostdev.hpp"
#include "policy/sliced_hosts.hpp"
#include "support/error_of.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::guest_slices_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
const DeviceId kMediated = *DeviceId::parse(kUuid);

std::string domain_xml(const std::string& devices = {}) {
  return "<domain type='kvm'>\n  <name>guest1</name>\n  <devices>" + devices + "</devices>\n</domain>\n";
}

DomainXml guest1(const std::string& live, const std::string& persistent) {
  return {"guest1", !live.empty(), !persistent.empty(), false, live, persistent};
}

/// A GPU with a mediated device, and one that is cut: its first virtual function carries a vGPU.
Host with_slices() {
  Host host = cut("nvidia").build();
  host.functions[1].driver = std::string("nvidia");
  host.functions[1].vgpu_type = 1145u;
  host.uses = std::vector<DeviceUse>{{kSliceable, DeviceUse::Kind::Mdev, kUuid}};
  return host;
}

Error refusal(const Host& host, DeviceId slice) {
  return error_of([&] { plan_attach(host, guest1("", domain_xml()), {slice}, {}); });
}

TEST(GuestSlices, GoToAGuestAsTheyAreAndComeBack) {
  const Plan plan =
      plan_attach(with_slices(), guest1(domain_xml(), domain_xml()), {kFirstSlice, kMediated}, {});
  EXPECT_THAT(summaries(plan),
              ElementsAre("attach 0000:65:00.1 to the definition of guest guest1",
                          "attach c73f1fa6-489e-4834-9476-d70dabd98c40 to the definition of guest guest1",
                          "attach 0000:65:00.1 to guest guest1 while it runs",
                          "attach c73f1fa6-489e-4834-9476-d70dabd98c40 to guest guest1 while it runs"));
  EXPECT_THAT(std::get<SetDevice>(plan.steps[0].change).xml, HasSubstr("managed='no'"));
  EXPECT_THAT(std::get<SetDevice>(plan.steps[1].change).xml, HasSubstr("type='mdev'"));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("gpupass slice create 0000:65:00.1 --type 1145")));
  const std::string both = domain_xml(hostdev_xml(kFirstSlice) + hostdev_xml(kMediated));
  EXPECT_EQ(plan_attach(with_slices(), guest1("", both), {kFirstSlice, kMediated}, {}), Plan{});
  const Plan back = plan_detach(with_slices(), guest1("", both), {kFirstSlice, kMediated}, {});
  EXPECT_EQ(back.steps.size(), 2u);
  EXPECT_THAT(back.notes, Contains("0000:65:00.1 stays: gpupass slice destroy 0000:65:00.1 takes it away"));
}

TEST(GuestSlices, AreRefusedWhereAnotherHasThemOrNobodyMadeThem) {
  Host gone = with_slices();
  gone.uses = std::vector<DeviceUse>();
  EXPECT_THAT(refusal(gone, kMediated).hint(), HasSubstr("gpupass slice create GPU --type TYPE"));
  Host held = with_slices();
  held.holders->push_back({6, 4711, "qemu"});
  EXPECT_THAT(refusal(held, kFirstSlice).what(), HasSubstr("held by qemu"));
  held = with_slices();
  held.holders->push_back({99, 4711, "qemu", kUuid});
  EXPECT_THAT(refusal(held, kMediated).what(), HasSubstr("held by qemu"));
  Host other = with_slices();
  other.domains->push_back({"a", "", true, true, false, {kMediated}, {}, {}, "", ""});
  EXPECT_THAT(refusal(other, kMediated).what(), HasSubstr("guest a runs with"));
}

}  // namespace
}  // namespace gpupass::guest_slices_test
