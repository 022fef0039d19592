// SPDX-License-Identifier: LGPL-2.1-or-later
// A new guest that boots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_run_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const PciAddress kGpu = address("0000:65:00.0");

std::string guest(const std::string& name, const std::string& disk, const std::string& devices = {}) {
  return "<domain type='kvm'><name>" + name +
         "</name><devices><disk type='file' device='disk'><source file='" + disk +
         "'/><target dev='vda'/></disk>" + devices + "</devices></domain>";
}

DefineRequest request_with(const std::string& disk, const std::string& devices = {}) {
  DefineRequest request{"new", guest("new", disk, devices), {}, std::nullopt};
  request.placement.gpus = {kGpu};
  return request;
}

Host host_with_guest(const std::string& xml) {
  Host host = one_card().build();
  Domain domain;
  domain.name = "other";
  domain.persistent = true;
  domain.persistent_xml = xml;
  host.domains = std::vector<Domain>{domain};
  return host;
}

TEST(PlanRun, WritesTheSeedFirstAndStartsTheGuestLast) {
  const Plan plan = plan_run(one_card().build(), request_with("/a.qcow2"), "#cloud-config\n");
  EXPECT_EQ(plan.steps.front().change, Change(SetSeed{"new", "#cloud-config\n", true}));
  EXPECT_EQ(plan.steps.front().undo, Change(SetSeed{"new", "#cloud-config\n", false}));
  EXPECT_EQ(plan.steps.back().change, Change(SetPower{"new", true}));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("virsh console new")));
  EXPECT_THAT(plan.notes, Not(Contains(HasSubstr("domdisplay"))));
}

TEST(PlanRun, NeedsNoSeedAndTellsOfADisplay) {
  const Plan plan = plan_run(one_card().build(), request_with("/a.qcow2", "<graphics type='vnc'/>"), "");
  for (const Step& step : plan.steps) EXPECT_FALSE(std::holds_alternative<SetSeed>(step.change));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("virsh domdisplay new")));
}

TEST(PlanRun, RefusesADiskThatAnotherGuestWritesTo) {
  const Host host = host_with_guest(guest("other", "/a.qcow2"));
  try {
    plan_run(host, request_with("/a.qcow2"), "");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_THAT(error.what(), HasSubstr("/a.qcow2 is a disk of guest other"));
  }
  EXPECT_NO_THROW(plan_run(host, request_with("/b.qcow2"), ""));
}

/// What is defined in the meantime is not replaced.
TEST(PlanRun, AssumesThatThereIsNoSuchGuest) {
  EXPECT_THAT(plan_run(one_card().build(), request_with("/a.qcow2"), "").assumes,
              Contains(Assumption{Assumption::Kind::Domain, "new", "absent"}));
}

}  // namespace
}  // namespace gpupass::plan_run_test
