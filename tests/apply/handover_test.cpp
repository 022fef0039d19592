// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A GPU between two tenants, on a machine with eight of them: whatever the card does in its reset, and
// wherever the process dies, the next tenant has it only after it was found sound.
#include "gpupass/handover.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "guest/edit/hostdev.hpp"
#include "support/error_of.hpp"
#include "support/fake_kernel.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::handover_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kCard = *PciAddress::parse("0000:19:00.0");

std::unique_ptr<FakeKernel> server() {
  auto kernel = std::make_unique<FakeKernel>(open_host(source_path("examples/hosts/8gpu-2socket.host")));
  kernel->meddle(kCard, {"vfio-pci", "vfio-pci"});
  kernel->fake_hypervisor().add("off");
  return kernel;
}

/// A host as a probe by root sees it. Nothing opens devices on such a machine.
Host look(const System& system) {
  Host host = probe(system, {needs(Verb::Handover) | needs(Verb::Bind), {}});
  host.holders = std::vector<Holder>();
  return host;
}

Report try_reset(FakeKernel& kernel, const Plan& plan) try {
  return apply(kernel, plan);
} catch (const Error& error) {
  return {Outcome::RolledBack, false, {{"reset", StepState::Failed, error.what()}}};
}

/// As the verb does it.
Handover hand_over(FakeKernel& kernel) {
  const Host before = look(kernel);
  const HandoverPlans plans = plan_handover(before, kCard);
  apply(kernel, plans.begin);
  const Report reset = try_reset(kernel, plans.reset);
  const Host now = look(kernel);
  Handover handover = check_handover(before, now, kCard, reset);
  apply(kernel, plan_handover_end(now, handover));
  return handover;
}

std::vector<Quarantined> quarantine(const FakeKernel& kernel) {
  return look(kernel).quarantine.value_or({});
}

/// The ids of what does not pass.
std::vector<std::string> against(const Handover& handover) {
  std::vector<std::string> ids;
  for (const Finding& finding : handover.findings)
    if (finding.verdict == Verdict::Fail || finding.verdict == Verdict::Unknown) ids.push_back(finding.id);
  return ids;
}

TEST(Handover, ASoundCardIsFreeAfterOneReset) {
  const auto kernel = server();
  const FakeState before = kernel->state();
  const Handover handover = hand_over(*kernel);
  EXPECT_THAT(against(handover), IsEmpty());
  EXPECT_EQ(handover.proven, Answer::Yes);
  EXPECT_EQ(handover.former_tenant_bound, Answer::No);
  EXPECT_EQ(kernel->resets(kCard), 1u);
  EXPECT_EQ(kernel->state(), before);
}

/// A reset is taken for more than it is.
TEST(Handover, SaysThatNothingHasOverwrittenTheMemory) {
  const auto kernel = server();
  EXPECT_THAT(hand_over(*kernel).findings,
              Contains(testing::AllOf(testing::Field(&Finding::id, "handover.memory"),
                                      testing::Field(&Finding::verdict, Verdict::Warn))));
}

struct BadCard {
  FakeReset behaviour;
  const char* finding;
};
constexpr BadCard kBadCards[] = {
    {FakeReset::Refused, "handover.reset"}, {FakeReset::Hangs, "handover.reset"},
    {FakeReset::Silent, "handover.config"}, {FakeReset::Narrow, "handover.link"},
    {FakeReset::Moved, "handover.bars"},    {FakeReset::Erring, "handover.errors"},
    {FakeReset::Gone, "handover.device"},
};

TEST(Handover, ACardThatDoesNotComeBackWholeStaysInQuarantineWithTheReason) {
  for (const auto& [behaviour, finding] : kBadCards) {
    SCOPED_TRACE(finding);
    const auto kernel = server();
    kernel->behave_in_reset(kCard, behaviour);
    const Handover handover = hand_over(*kernel);
    EXPECT_EQ(handover.proven, Answer::No);
    EXPECT_THAT(against(handover), Contains(finding));
    const auto records = quarantine(*kernel);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].address, kCard);
    EXPECT_TRUE(records[0].unproven);
    if (behaviour == FakeReset::Gone) continue;  // There is no GPU that a guest could get.
    EXPECT_THAT(records[0].reason, HasSubstr("a hand-over did not prove it sound: "));
    const Error error = error_of([&] { plan_bind(look(*kernel), {kCard}); });
    EXPECT_THAT(error.hint(), HasSubstr("gpupass handover 0000:19:00.0"));
  }
}

/// What was bad before the second reset is no better for that.
TEST(Handover, ASecondHandOverFreesNoCardThatIsAsTheFirstOneLeftIt) {
  for (const auto& [behaviour, finding] : kBadCards) {
    if (behaviour == FakeReset::Hangs || behaviour == FakeReset::Gone || behaviour == FakeReset::Erring)
      continue;
    SCOPED_TRACE(finding);
    const auto kernel = server();
    kernel->behave_in_reset(kCard, behaviour);
    hand_over(*kernel);
    EXPECT_NE(hand_over(*kernel).proven, Answer::Yes);
    EXPECT_EQ(quarantine(*kernel).size(), 1u);
  }
}

TEST(Handover, ACardThatComesBackTheNextTimeIsFree) {
  const auto kernel = server();
  const FakeState before = kernel->state();
  kernel->behave_in_reset(kCard, FakeReset::Refused);
  hand_over(*kernel);
  kernel->behave_in_reset(kCard, FakeReset::Returns);
  EXPECT_EQ(hand_over(*kernel).proven, Answer::Yes);
  EXPECT_EQ(kernel->state(), before);
}

// --- refusals

std::string refusal(const FakeKernel& kernel) {
  return error_of([&] { plan_handover(look(kernel), kCard); }).what();
}

TEST(Handover, IsRefusedWhileSomebodyHasTheCard) {
  const auto kernel = server();
  kernel->meddle(kCard, {"nvidia", ""});
  EXPECT_THAT(refusal(*kernel), HasSubstr("nvidia of the host has 0000:19:00.0"));
  kernel->meddle(kCard, {"vfio-pci", "vfio-pci"});
  kernel->fake_hypervisor().add_running("on");
  DomainXml running = *kernel->fake_hypervisor().domain("on");
  running.live_xml = "<domain><name>on</name><devices>" + hostdev_xml(kCard) + "</devices></domain>";
  FakeState state = kernel->state();
  state.domains["on"] = running;
  kernel->restore(state);
  EXPECT_THAT(refusal(*kernel), HasSubstr("guest on runs with 0000:19:00.0"));
}

TEST(Handover, IsRefusedWhileTheFormerTenantIsDefinedWithTheCard) {
  const auto kernel = server();
  FakeState state = kernel->state();
  state.domains["off"].persistent_xml =
      "<domain><name>off</name><devices>" + hostdev_xml(kCard) + "</devices></domain>";
  kernel->restore(state);
  EXPECT_THAT(refusal(*kernel), HasSubstr("guest off is defined with 0000:19:00.0"));
}

/// A person decides when a person has decided.
TEST(Handover, IsRefusedWhereAPersonHasPutTheCardIntoQuarantine) {
  const auto kernel = server();
  apply(*kernel, plan_quarantine(look(*kernel), {kCard}, "it smells"));
  EXPECT_THAT(refusal(*kernel), HasSubstr("it smells"));
}

TEST(Handover, WhatAPersonSaysMeanwhileStays) {
  const auto kernel = server();
  const Host before = look(*kernel);
  const HandoverPlans plans = plan_handover(before, kCard);
  apply(*kernel, plans.begin);
  const Report reset = apply(*kernel, plans.reset);
  apply(*kernel, plan_quarantine(look(*kernel), {kCard}, "it smells"));
  const Handover handover = check_handover(before, look(*kernel), kCard, reset);
  EXPECT_EQ(handover.proven, Answer::Yes);
  EXPECT_THAT(plan_handover_end(look(*kernel), handover).steps, IsEmpty());
}

TEST(Handover, NeverUsesAMethodThatResetsANeighbour) {
  const auto kernel = server();
  Host host = look(*kernel);
  PciFunction& gpu = *std::ranges::find(host.functions, kCard, &PciFunction::address);
  const auto method = [&] {
    for (const Step& step : plan_handover(host, kCard).reset.steps)
      if (const auto* reset = std::get_if<ResetDevice>(&step.change)) return reset->method;
    return std::string();
  };
  gpu.reset_methods = std::vector<std::string>{"bus", "flr"};
  EXPECT_EQ(method(), "bus") << "it is alone on its bus";
  PciFunction neighbour = gpu;
  neighbour.address.device = 1;
  neighbour.iommu_group = Absent{};
  neighbour.driver = Absent{};
  host.functions.insert(
      std::ranges::upper_bound(host.functions, neighbour.address, {}, &PciFunction::address), neighbour);
  const auto again = std::ranges::find(host.functions, kCard, &PciFunction::address);
  EXPECT_EQ(method(), "flr");
  again->reset_methods = std::vector<std::string>{"bus"};
  EXPECT_THAT(error_of([&] { plan_handover(host, kCard); }).what(),
              HasSubstr("nothing resets it alone: saw the methods bus"));
  again->reset_methods = std::vector<std::string>();
  EXPECT_THAT(error_of([&] { plan_handover(host, kCard); }).what(), HasSubstr("nothing resets it"));
  again->reset_methods = Unknown{"no permission"};
  EXPECT_THAT(error_of([&] { plan_handover(host, kCard); }).what(),
              HasSubstr("how it can be reset is not known: no permission"));
}

/// What was not looked at is not sound.
TEST(Handover, WhatCannotBeReadDoesNotPass) {
  const auto kernel = server();
  const Host before = look(*kernel);
  const Report reset{Outcome::Done, true, {{"reset", StepState::Done}}};
  EXPECT_EQ(check_handover(before, before, kCard, reset).proven, Answer::Yes);
  const auto without = [&](const auto& spoil) {
    Host host = before;
    spoil(*std::ranges::find(host.functions, kCard, &PciFunction::address));
    return check_handover(host, host, kCard, reset);
  };
  EXPECT_THAT(against(without([](PciFunction& gpu) { gpu.config = Unknown{"?"}; })),
              Contains("handover.config"));
  EXPECT_THAT(against(without([](PciFunction& gpu) { gpu.bars = Unknown{"?"}; })), Contains("handover.bars"));
  EXPECT_THAT(against(without([](PciFunction& gpu) { gpu.link = Unknown{"?"}; })), Contains("handover.link"));
  EXPECT_THAT(against(check_handover(before, before, kCard, {})), Contains("handover.reset"));
}

// --- wherever it dies

void recover_all(FakeKernel& kernel) {
  for (const Operation& operation : interrupted_operations(kernel)) recover(kernel, operation);
  for (const Operation& operation : read_journal(kernel)) EXPECT_FALSE(needs_recovery(operation));
}

/// After a death and its recovery. Free without a reset: nothing had begun. Free after one: the last plan,
/// which only a sound card gets, had begun.
void expect_never_free_unproven(FakeKernel& kernel, const FakeState& before, FakeReset behaviour) {
  recover_all(kernel);
  EXPECT_EQ(kernel.device(kCard), before.devices.at(kCard.to_string())) << "its methods and drivers";
  const bool free = quarantine(kernel).empty();
  if (!free) {
    EXPECT_TRUE(quarantine(kernel).front().unproven);
  }
  if (free && kernel.resets(kCard) > 0) {
    EXPECT_EQ(behaviour, FakeReset::Returns);
    EXPECT_EQ(read_journal(kernel).back().plan.steps.front().summary, "let guests have 0000:19:00.0 again");
  }
  kernel.restore(kernel.state());
  kernel.behave_in_reset(kCard, FakeReset::Returns);
  EXPECT_NE(hand_over(kernel).proven, Answer::Unknown) << "it can be tried again";
}

bool dies(FakeKernel& kernel) try {
  hand_over(kernel);
  return false;
} catch (const Crash&) {
  return true;
}

/// `of` is whose writes count: the machine's, or the journal's.
unsigned die_in_each_write(FakeKernel& kernel, FakeReset behaviour,
                           const std::function<Faults&(FakeKernel&)>& of) {
  const FakeState before = kernel.state();
  kernel.behave_in_reset(kCard, behaviour);
  hand_over(kernel);
  const std::size_t writes = of(kernel).count();
  unsigned kills = 0;
  for (const auto effect : {Faults::Effect::None, Faults::Effect::Full})
    for (std::size_t number = 0; number < writes; ++number) {
      kernel.restore(before);
      kernel.behave_in_reset(kCard, behaviour);
      of(kernel).crash(number, effect);
      if (!dies(kernel)) {  // The kernel refused the very write after which it should have died.
        EXPECT_EQ(behaviour, FakeReset::Refused);
        continue;
      }
      ++kills;
      kernel.restore(kernel.state());
      expect_never_free_unproven(kernel, before, behaviour);
      if (testing::Test::HasFailure()) {
        ADD_FAILURE() << "died in write " << number;
        return kills;
      }
    }
  return kills;
}

TEST(Handover, WhereverItDiesTheCardIsAsFoundOrInQuarantineOrProven) {
  unsigned kills = 0;
  for (const FakeReset behaviour :
       {FakeReset::Returns, FakeReset::Refused, FakeReset::Silent, FakeReset::Narrow, FakeReset::Erring}) {
    const auto kernel = server();
    kills += die_in_each_write(*kernel, behaviour, [](FakeKernel& each) -> Faults& { return each.faults(); });
    const auto another = server();
    kills += die_in_each_write(*another, behaviour,
                               [](FakeKernel& each) -> Faults& { return each.journal_faults(); });
  }
  fmt::print("hand-overs: {} kills, none left a card free that was not proven\n", kills);
  EXPECT_GT(kills, 50u);
}

}  // namespace
}  // namespace gpupass::handover_test
