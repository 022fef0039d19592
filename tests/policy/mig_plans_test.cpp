// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/slice/mig_cards.hpp"
#include "support/error_of.hpp"
#include "support/host_builder.hpp"
#include "support/mig_stand_in.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::mig_plans_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

const PciAddress kGpu = address("0000:41:00.0");
const std::vector<int> kNobody;

MigGpuInstance instance(unsigned id, unsigned profile_id, unsigned start, unsigned size, unsigned slices,
                        std::vector<int> processes = {}) {
  return {id, profile_id, start, size,
          std::vector<MigComputeInstance>{
              {0, slices - 1, {0, slices}, "MIG-" + std::to_string(id), std::move(processes)}}};
}

/// An H200, 3g.71gb at 4 and 2g.35gb at 0 on it.
Host cut_host(Fact<Mig> mig = Mig{true, true, {instance(3, 14, 0, 2, 2), instance(2, 9, 4, 4, 3)}},
              std::uint16_t device = 0x2335) {
  Host host = HostBuilder().gpu("0000:41:00.0", "nvidia").ids(0x10de, device).build();
  host.functions.front().mig = std::move(mig);
  return host;
}
Host host_off() {
  return cut_host(Mig{});
}

Error refusal(const std::function<void()>& plan) {
  const Error error = error_of(plan);
  EXPECT_EQ(error.code(), ErrorCode::Refused) << error.what();
  return error;
}

TEST(MigPlan, MakesInstancesBesideThoseThatThereAre) {
  const Host host = cut_host();
  const Plan plan = plan_mig_create(host, kGpu, {"1g.18gb", "1g.18gb"});
  EXPECT_THAT(summaries(plan), ElementsAre("make the MIG instance 1g.18gb:2 of 0000:41:00.0",
                                           "make the MIG instance 1g.18gb:3 of 0000:41:00.0"));
  EXPECT_EQ(plan.steps[0].change, Change(SetMigInstance{kGpu, "1g.18gb", 19, 2, 1, {{0, 1}}, true}));
  EXPECT_EQ(plan.steps[0].undo, Change(SetMigInstance{kGpu, "1g.18gb", 19, 2, 1, {{0, 1}}, false}));
  EXPECT_EQ(after(host, plan).functions.front().mig->instances.size(), 4u);
}

TEST(MigPlan, SwitchesTheModeOnWhereItIsOff) {
  const Plan plan = plan_mig_create(host_off(), kGpu, {"3g.71gb"});
  EXPECT_THAT(summaries(plan), ElementsAre("switch the MIG mode of 0000:41:00.0 on",
                                           "make the MIG instance 3g.71gb:4 of 0000:41:00.0"));
  EXPECT_EQ(plan.steps[0].undo, Change(SetMigMode{kGpu, false}));
  EXPECT_THAT(plan.steps[0].reason, HasSubstr("for itself"));
  EXPECT_THAT(plan_mig_create(cut_host(Mig{}, 0x20b0), kGpu, {}).steps.at(0).reason, HasSubstr("resets"));
}

/// Nothing that is there moves unless the user says so.
TEST(MigPlan, DoesNotPlaceOthersAnew) {
  const Host host = cut_host(Mig{true, true, {instance(3, 14, 2, 2, 2)}});
  const Error error = refusal([&] { plan_mig_create(host, kGpu, {"4g.71gb"}); });
  EXPECT_THAT(error.what(), HasSubstr("only if 2g.35gb:2 goes first"));
  EXPECT_THAT(error.hint(), HasSubstr("gpupass slice destroy 0000:41:00.0 --mig 2g.35gb:2"));
  EXPECT_THAT(refusal([&] { plan_mig_create(host, kGpu, {"7g.141gb"}); }).what(), HasSubstr("no place"));
}

TEST(MigPlan, TakesInstancesAwayByEachOfTheirNames) {
  const Host host = cut_host();
  for (const char* name : {"3g.71gb:4", "3g.71gb", "2", "MIG-2"}) {
    const Plan plan = plan_mig_destroy(host, kGpu, {name});
    EXPECT_THAT(summaries(plan), ElementsAre("remove the MIG instance 3g.71gb:4 of 0000:41:00.0")) << name;
    EXPECT_EQ(plan.steps[0].undo, Change(SetMigInstance{kGpu, "3g.71gb", 9, 4, 4, {{0, 3}}, true}));
  }
  EXPECT_EQ(plan_mig_destroy(host, kGpu, {}).steps.size(), 2u);
  EXPECT_EQ(plan_mig_destroy(host, kGpu, {"2", "3g.71gb"}).steps.size(), 1u);
  const Error error = error_of([&] { plan_mig_destroy(host, kGpu, {"3g.71gb:0"}); });
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_THAT(error.hint(), HasSubstr("2g.35gb:0,3g.71gb:4"));
}

TEST(MigPlan, BringsAGpuToAWholeConfiguration) {
  const Host host = cut_host();
  EXPECT_THAT(summaries(plan_mig(host, {{.gpu = kGpu, .profiles = {"2g.35gb", "4g.71gb"}}})),
              ElementsAre("remove the MIG instance 2g.35gb:0 of 0000:41:00.0",
                          "remove the MIG instance 3g.71gb:4 of 0000:41:00.0",
                          "make the MIG instance 4g.71gb:0 of 0000:41:00.0",
                          "make the MIG instance 2g.35gb:4 of 0000:41:00.0"));
  EXPECT_THAT(summaries(plan_mig(host, {{.gpu = kGpu, .enabled = false, .profiles = {}}})),
              ElementsAre("remove the MIG instance 2g.35gb:0 of 0000:41:00.0",
                          "remove the MIG instance 3g.71gb:4 of 0000:41:00.0",
                          "switch the MIG mode of 0000:41:00.0 off"));
  EXPECT_THAT(plan_mig(host, {{.gpu = kGpu, .profiles = {"3g.71gb", "2g.35gb"}}}).steps, IsEmpty());
  EXPECT_THAT(plan_mig(host_off(), {{.gpu = kGpu, .enabled = false, .profiles = {}}}).steps, IsEmpty());
}

TEST(MigPlan, IsRefusedWhileProcessesUseWhatGoes) {
  const Host host = cut_host(Mig{true, true, {instance(2, 9, 4, 4, 3, {42})}});
  const Error error = refusal([&] { plan_mig_destroy(host, kGpu, {}); });
  EXPECT_THAT(error.reasons(), ElementsAre(testing::Field(&Finding::id, "gpu.in-use")));
  EXPECT_THAT(error.hint(), HasSubstr("kill 42"));
  EXPECT_EQ(plan_mig_create(host, kGpu, {"3g.71gb"}).steps.size(), 1u) << "others may come beside it";

  Host unknown = cut_host();
  unknown.functions.front().mig->instances[0].compute->front().processes = Unknown{"no answer"};
  EXPECT_THAT(refusal([&] { plan_mig_destroy(unknown, kGpu, {}); }).what(), HasSubstr("no answer"));
}

TEST(MigPlan, TheModeChangesOnlyWhileNobodyHasTheGpu) {
  Host host = host_off();
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 7, "nv-hostengine", "dcgm.service"}};
  const Error error = refusal([&] { plan_mig_create(host, kGpu, {"3g.71gb"}); });
  EXPECT_THAT(error.what(), HasSubstr("nv-hostengine (process 7)"));
  EXPECT_THAT(error.hint(), HasSubstr("systemctl stop dcgm.service"));
  host.users = Unknown{"not root"};
  EXPECT_THAT(refusal([&] { plan_mig_create(host, kGpu, {}); }).what(), HasSubstr("not root"));
}

TEST(MigPlan, LeavesWhatVgpusMayHave) {
  Host host = cut_host();
  host.functions.front().slicing->mediated_types =
      std::vector<MediatedType>{{"nvidia-474", Absent{}, Absent{}, Absent{}, 0u,
                                 std::vector<std::string>{"c73f1fa6-489e-4834-9476-d70dabd98c40"}}};
  EXPECT_THAT(refusal([&] { plan_mig_destroy(host, kGpu, {}); }).hint(),
              HasSubstr("gpupass slice destroy c73f1fa6"));
}

TEST(MigPlan, IsRefusedWhereMigIsNotKnown) {
  EXPECT_THAT(refusal([] { plan_mig_create(cut_host(Unknown{"no library"}), kGpu, {"3g.71gb"}); }).what(),
              HasSubstr("no library"));
  EXPECT_THAT(refusal([] { plan_mig_create(cut_host(Absent{}), kGpu, {"3g.71gb"}); }).what(),
              HasSubstr("it can have no MIG"));
  EXPECT_THAT(refusal([] { plan_mig_create(cut_host(Mig{true, false, {}}), kGpu, {}); }).what(),
              HasSubstr("after its next reset off"));
  EXPECT_THAT(refusal([] { plan_mig_create(cut_host(Mig{}, 0x26b9), kGpu, {"3g.71gb"}); }).what(),
              HasSubstr("no MIG profiles"));
  Host wedged = cut_host();
  wedged.wedged = std::vector<PciAddress>{kGpu};
  EXPECT_EQ(error_of([&] { plan_mig_destroy(wedged, kGpu, {}); }).code(), ErrorCode::Wedged);
}

// --- against a driver that has tables of its own ---

/// How many instances of each profile, by its id.
using Counts = std::map<unsigned, unsigned>;

Counts counts_of(const MigStandIn& driver) {
  Counts counts;
  for (const MigStandIn::Instance& each : driver.instances()) ++counts[each.profile_id];
  return counts;
}

using Places = std::set<std::pair<unsigned, unsigned>>;  // Each a start and a profile's id.

Places places_of(const MigStandIn& driver) {
  Places places;
  for (const MigStandIn::Instance& each : driver.instances()) places.emplace(each.start, each.profile_id);
  return places;
}

/// All that the driver lets be there at once, by making one instance after the other in every way.
std::set<Counts> all_that_the_driver_allows(const std::string& card) {
  std::set<Counts> all;
  std::set<Places> seen;
  const std::function<void(const MigStandIn&)> go_on = [&](const MigStandIn& driver) {
    if (!seen.insert(places_of(driver)).second) return;
    all.insert(counts_of(driver));
    for (const MigStandIn::Profile& profile : driver.profiles())
      for (const unsigned start : profile.starts) {
        MigStandIn next = driver;
        unsigned id = 0;
        if (next.create(profile.id, start, profile.size, id) == MigStandIn::Result::Success) go_on(next);
      }
  };
  MigStandIn driver(card);
  driver.set_mode(true);
  go_on(driver);
  return all;
}

/// As the probe sees it.
Mig mig_of(const MigStandIn& driver) {
  Mig mig{driver.enabled(), driver.pending(), {}};
  for (const MigStandIn::Instance& each : driver.instances()) {
    std::vector<MigComputeInstance> compute;
    for (const MigStandIn::Compute& part : each.compute)
      compute.push_back({part.id, 0, {part.start, part.size}, std::string("MIG"), kNobody});
    mig.instances.push_back({each.id, each.profile_id, each.start, each.size, compute});
  }
  std::ranges::sort(mig.instances, {}, &MigGpuInstance::start);
  return mig;
}

/// What the worker does with the order.
MigStandIn::Result obey(MigStandIn& driver, const SetMigInstance& change) {
  unsigned id = 0, part = 0;
  if (change.present) {
    if (const auto result = driver.create(change.profile_id, change.start, change.size, id);
        result != MigStandIn::Result::Success)
      return result;
    return driver.create_compute(id, change.compute.at(0).start, change.compute.at(0).size, part);
  }
  for (const MigStandIn::Instance& each : driver.instances())
    if (each.start == change.start && each.profile_id == change.profile_id) id = each.id;
  for (const MigStandIn::Compute& each : std::vector(driver.find(id)->compute))
    driver.destroy_compute(id, each.id);
  return driver.destroy(id);
}

void carry_out(MigStandIn& driver, const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (const auto* mode = std::get_if<SetMigMode>(&step.change))
      ASSERT_EQ(driver.set_mode(mode->on), MigStandIn::Result::Success);
    if (const auto* one = std::get_if<SetMigInstance>(&step.change))
      ASSERT_EQ(obey(driver, *one), MigStandIn::Result::Success) << step.summary;
  }
}

Names names_of(const MigCard& card, const Counts& counts) {
  Names names;
  for (const auto& [id, count] : counts)
    names.insert(names.end(), count,
                 std::string(std::ranges::find(card.profiles, id, &MigProfile::id)->name));
  return names;
}

/// The host with the GPU of a card, as the driver has it.
Host host_of(const MigCard& card, const MigStandIn& driver) {
  return cut_host(mig_of(driver), card.devices.front());
}

/// Sets that the driver forbids although it allows each smaller one.
std::set<Counts> just_too_much(const MigCard& card, const std::set<Counts>& allowed) {
  std::set<Counts> result;
  for (const Counts& counts : allowed)
    for (const MigProfile& profile : card.profiles) {
      Counts more = counts;
      ++more[profile.id];
      const bool smaller_allowed = std::ranges::all_of(more, [&](const auto& one) {
        Counts less = more;
        if (--less[one.first] == 0) less.erase(one.first);
        return allowed.contains(less);
      });
      if (!allowed.contains(more) && smaller_allowed) result.insert(more);
    }
  return result;
}

/// The cards with tables of different shapes.
bool has_own_shape(const MigCard& card) {
  return card.name == "A30" || card.name == "H200" || card.name == "RTX PRO 6000";
}

TEST(MigPlan, EverySetThatTheDriverAllowsIsPlannedAndNoOther) {
  const std::map<std::string, std::set<Counts>> by_shape = {
      {"A30", all_that_the_driver_allows("A30")},
      {"H200", all_that_the_driver_allows("H200")},
      {"RTX PRO 6000", all_that_the_driver_allows("RTX PRO 6000")}};
  std::map<std::string, std::size_t> planned;
  for (const MigCard& card : mig_cards()) {
    const std::string name(card.name);
    const std::set<Counts>& allowed = by_shape.at(has_own_shape(card) ? name : "H200");
    const std::set<Counts> forbidden = just_too_much(card, allowed);
    for (const Counts& counts : allowed) {
      // The others have the shape of H200: of each those sets are tried that have most profiles.
      if (!has_own_shape(card) && counts.size() < 4) continue;
      MigStandIn driver(name);
      carry_out(driver, plan_mig_create(host_of(card, driver), kGpu, names_of(card, counts)));
      ASSERT_FALSE(HasFatalFailure()) << name << ": " << testing::PrintToString(names_of(card, counts));
      EXPECT_EQ(counts_of(driver), counts);
      ++planned[name];
    }
    EXPECT_FALSE(forbidden.empty());
    if (!has_own_shape(card)) continue;
    for (const Counts& counts : forbidden) {
      const Error error =
          error_of([&] { plan_mig_create(host_of(card, MigStandIn(name)), kGpu, names_of(card, counts)); });
      EXPECT_EQ(error.code(), ErrorCode::Refused) << name;
    }
  }
  EXPECT_EQ(planned.size(), 13u);
  EXPECT_EQ(planned["A30"], 20u);
  EXPECT_EQ(planned["H200"], 128u);
  EXPECT_EQ(planned["RTX PRO 6000"], 150u);
}

/// Instances come and go in any order: whatever is planned, the driver accepts, and it has what was planned.
TEST(MigPlan, EveryPlanOverWhatIsThereIsAccepted) {
  std::mt19937 random(1);
  std::size_t made = 0, refused = 0, removed = 0;
  for (const char* name : {"A30", "H200", "RTX PRO 6000"}) {
    const MigCard& card = *std::ranges::find(mig_cards(), name, &MigCard::name);
    MigStandIn driver(name);
    driver.set_mode(true);
    for (int turn = 0; turn < 60; ++turn) {
      const Host host = host_of(card, driver);
      const Counts before = counts_of(driver);
      if (!before.empty() && random() % 3 == 0) {
        const std::string id = std::to_string(driver.instances()[random() % driver.instances().size()].id);
        carry_out(driver, plan_mig_destroy(host, kGpu, {id}));
        ++removed;
      } else {
        const MigProfile& profile = card.profiles[random() % card.profiles.size()];
        try {
          carry_out(driver, plan_mig_create(host, kGpu, {std::string(profile.name)}));
          EXPECT_EQ(counts_of(driver)[profile.id],
                    before.contains(profile.id) ? before.at(profile.id) + 1 : 1);
          ++made;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::Refused);
          for (const unsigned start : profile.starts) {
            MigStandIn other = driver;
            unsigned id = 0;
            EXPECT_NE(other.create(profile.id, start, profile.size, id), MigStandIn::Result::Success)
                << "it has room for " << profile.name << " at " << start;
          }
          ++refused;
        }
      }
      ASSERT_FALSE(HasFailure()) << name << ", turn " << turn;
    }
  }
  EXPECT_GT(made, 30u);
  EXPECT_GT(refused, 10u);
  EXPECT_GT(removed, 20u);
}

// --- declared ---

/// With the file in which boots find what they make.
Host with_record(Host host) {
  host.own_files = std::vector<OwnFile>{{"/etc/gpupass/slices", Absent{}}};
  return host;
}

State declared_so(const std::string& mig) {
  return parse_state("[gpus.\"41:00.0\".slices]\nmig = " + mig + "\n", "node.toml");
}

std::string difference(const Host& host, const State& state) {
  for (const Finding& finding : compare_state(host, state))
    if (finding.id == "state.slices") return finding.message;
  return "";
}

TEST(DeclaredMig, IsToldFromWhatThereIs) {
  const Host cut = with_record(cut_host()), off = with_record(host_off());
  EXPECT_EQ(difference(cut, declared_so("false")),
            "node.toml:2:7: 0000:41:00.0 is declared not to be in MIG mode, and is");
  EXPECT_EQ(difference(off, declared_so("{}")),
            "node.toml:2:7: 0000:41:00.0 is declared to be in MIG mode, and is not");
  EXPECT_EQ(difference(cut, declared_so("{ \"3g.71gb\" = 2 }")),
            "node.toml:2:7: 0000:41:00.0 is declared to have these MIG instances: 2 x 3g.71gb; it has "
            "2g.35gb, 3g.71gb");
  EXPECT_EQ(difference(off, declared_so("false")), "");
  EXPECT_THAT(difference(cut_host(Mig{true, false, {}}), declared_so("{}")),
              HasSubstr("its next reset changes that"));
  EXPECT_THAT(difference(cut_host(Unknown{"no permission"}), declared_so("{}")), HasSubstr("no permission"));
  EXPECT_EQ(difference(cut_host(Absent{}), declared_so("false")), "") << "there is none";
  EXPECT_THAT(difference(cut_host(Absent{}), declared_so("{}")), HasSubstr("no driver of this host tells"));
}

TEST(DeclaredMig, WhatNoCardOfItsModelCanHaveIsRefusedWithItsPlace) {
  const Host host = with_record(cut_host());
  EXPECT_THAT(difference(host, declared_so("{ \"1g.5gb\" = 1 }")),
              HasSubstr("node.toml:2:7: 0000:41:00.0 is declared to have MIG instances that it cannot have: "
                        "H200 has no profile 1g.5gb"));
  EXPECT_THAT(refusal([&] { plan_state(host, declared_so("{ \"3g.71gb\" = 3 }")); }).what(),
              HasSubstr("H200 has no place for all of 3 x 3g.71gb"));
}

TEST(DeclaredMig, KeepsWhatIsDeclaredWhereItIs) {
  EXPECT_THAT(summaries(plan_state(with_record(cut_host()), declared_so("{ \"3g.71gb\" = 1 }"))),
              ElementsAre("remove the MIG instance 2g.35gb:0 of 0000:41:00.0"));
}

/// Only adds, whatever there is.
TEST(DeclaredMig, ABootTakesNothingAway) {
  Host host = with_record(cut_host());
  host.own_files->front().content =
      std::string("[gpus.\"0000:41:00.0\".slices]\nmig = { \"3g.71gb\" = 1, \"1g.18gb\" = 1 }\n");
  const BootPlans boot = plan_boot_slices(host);
  ASSERT_EQ(boot.plans.size(), 1u);
  EXPECT_THAT(summaries(boot.plans.front()), ElementsAre(HasSubstr("make the MIG instance 1g.18gb:")));
  host.functions.front().mig = Mig{};
  EXPECT_EQ(plan_boot_slices(host).plans.front().steps.size(), 3u) << "the mode, and two instances";
}

/// Applies until there is nothing to do.
Host reach(const MigCard& card, MigStandIn& driver, Host host, const State& state) {
  for (int round = 0; round < 4; ++round) {
    const Plan plan = plan_state(host, state);
    if (plan.steps.empty()) break;
    carry_out(driver, plan);
    const auto files = after(host, plan).own_files;
    host = host_of(card, driver);
    host.own_files = files;
  }
  return host;
}

/// Export, apply and assert are the identity over all that the tables allow.
TEST(DeclaredMig, WhatIsExportedIsReachedFromAnywhereAndIsSo) {
  std::map<std::string, std::size_t> reached;
  for (const MigCard& card : mig_cards()) {
    const std::string name(card.name);
    MigStandIn elsewhere(name);
    Host there = with_record(host_of(card, elsewhere));
    for (const Counts& counts : all_that_the_driver_allows(has_own_shape(card) ? name : "H200")) {
      if (!has_own_shape(card) && counts.size() < 4) continue;
      MigStandIn driver(name);
      carry_out(driver, plan_mig_create(host_of(card, driver), kGpu, names_of(card, counts)));
      const Host host = with_record(host_of(card, driver));
      const std::string file = to_toml(state_of(host));
      const State state = parse_state(file, "exported.toml");
      ASSERT_THAT(compare_state(host, state), IsEmpty()) << name << "\n" << file;
      ASSERT_THAT(summaries(plan_state(host, state)), IsEmpty()) << name << "\n" << file;
      there = reach(card, elsewhere, there, state);
      ASSERT_EQ(counts_of(elsewhere), counts) << name << "\n" << file;
      ASSERT_THAT(compare_state(there, state), IsEmpty()) << name << "\n" << file;
      ++reached[name];
    }
  }
  EXPECT_EQ(reached.size(), 13u);
  EXPECT_EQ(reached["A30"], 20u);
  EXPECT_EQ(reached["H200"], 128u);
  EXPECT_EQ(reached["RTX PRO 6000"], 150u);
}

TEST(DeclaredMig, AFileOfMigPartedIsADeclaration) {
  const Host host = with_record(host_off());
  const MigLabels labels = parse_mig_file(
      "version: v1\nmig-configs:\n  half:\n    - devices: all\n      mig-enabled: true\n      mig-devices:\n"
      "        \"3g.71gb\": 1\n",
      "config.yaml");
  const State state = mig_state(host, labels, "half");
  EXPECT_EQ(difference(host, state),
            "half (config.yaml:4): 0000:41:00.0 is declared to be in MIG mode, and is not");
  EXPECT_EQ(summaries(plan_state(host, state)).size(), 2u) << "the mode, and the instance";
}

}  // namespace
}  // namespace gpupass::mig_plans_test
