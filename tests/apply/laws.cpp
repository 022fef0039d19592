// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/laws.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "codec/home_file.hpp"
#include "gpupass/journal.hpp"
#include "guest/model/domain_xml.hpp"
#include "support/sanitized.hpp"

namespace gpupass {

namespace {

using Effect = Faults::Effect;

constexpr int kAllErrors[] = {EBUSY, EINVAL, ENODEV, EIO, ENOSPC, EPERM};
constexpr std::span kErrors(kAllErrors, kSanitized ? 1 : std::size(kAllErrors));
constexpr Effect kEffects[] = {Effect::None, Effect::Full};

/// What the report claims must be so. It may call astray what only seems so: a write that failed and yet
/// worked.
Outcome expect_truth(const Report& report, const FakeState& before, const FakeState& after) {
  EXPECT_NE(report.changed, report.outcome == Outcome::RolledBack);
  if (!report.changed) {
    EXPECT_EQ(before, after);
  }
  return report.outcome;
}

/// The writes that the plan takes when nothing fails. Leaves the machine as asked.
std::size_t writes_of(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  kernel.restore(before);
  const Report report = apply(kernel, plan);
  ++tally.runs;
  EXPECT_EQ(expect_truth(report, before, kernel.state()), Outcome::Done);
  return kernel.faults().count();
}

void expect_records_of_what_is_astray(const FakeState& before, const FakeState& after) {
  for (const auto& [address, device] : before.devices)
    if (const auto now = after.devices.find(address); now != after.devices.end() && now->second != device) {
      EXPECT_TRUE(after.files.contains(home_path(*PciAddress::parse(address)))) << address;
    }
}

/// What cannot be written down is not done.
void expect_as_found_whichever_line_fails(FakeKernel& kernel, const Plan& plan, const FakeState& before,
                                          Tally& tally) {
  kernel.restore(before);
  apply(kernel, plan);
  const std::size_t lines = kernel.journal_faults().count();
  for (const int error : kErrors)
    for (std::size_t number = 0; number < lines; ++number) {
      kernel.restore(before);
      kernel.journal_faults().fail(number, error);
      ++tally.runs;
      try {
        EXPECT_EQ(apply(kernel, plan).outcome, Outcome::RolledBack);
      } catch (const Error&) {  // Nothing was changed.
      }
      ASSERT_EQ(kernel.state(), before) << "line " << number << " of the journal fails with " << error;
    }
}

}  // namespace

void expect_as_found_whichever_write_fails(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  const std::size_t writes = writes_of(kernel, plan, tally);
  const FakeState asked = kernel.state();
  ++tally.plans;
  for (const int error : kErrors)
    for (const Effect effect : kEffects)
      for (std::size_t number = 0; number < writes; ++number) {
        kernel.restore(before);
        kernel.faults().fail(number, error, effect);
        const Report report = apply(kernel, plan);
        ++tally.runs;
        // A guest may have let go although the request is said to have failed.
        const bool worked = expect_truth(report, before, kernel.state()) == Outcome::Done;
        EXPECT_TRUE(report.outcome == Outcome::RolledBack || (worked && effect == Effect::Full));
        ASSERT_EQ(kernel.state(), worked ? asked : before) << "write " << number << " fails with " << error;
      }
  expect_as_found_whichever_line_fails(kernel, plan, before, tally);
  kernel.restore(asked);
}

void expect_honesty_whichever_two_writes_fail(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  const std::size_t writes = writes_of(kernel, plan, tally);
  for (const Effect effect : kEffects)
    for (std::size_t first = 0; first < writes; ++first)
      for (std::size_t second = first + 1; second < 3 * writes; ++second) {
        kernel.restore(before);
        kernel.faults().fail(first, EIO, effect);
        kernel.faults().fail(second, EIO, effect);
        const Report report = apply(kernel, plan);
        ++tally.runs;
        expect_truth(report, before, kernel.state());
        expect_records_of_what_is_astray(before, kernel.state());
        ASSERT_FALSE(testing::Test::HasFailure()) << "writes " << first << " and " << second << " fail";
        if (kernel.faults().count() <= second) break;  // There was no second one to fail.
      }
  kernel.restore(before);
}

namespace {

/// What is left to recover is recovered, and then nothing is.
void recover_all(FakeKernel& kernel) {
  for (const Operation& operation : interrupted_operations(kernel)) recover(kernel, operation);
  for (const Operation& operation : read_journal(kernel)) EXPECT_FALSE(needs_recovery(operation));
}

/// The drivers after a boot from a state.
std::map<std::string, FakeDevice> booted(FakeKernel& kernel, const FakeState& state,
                                         const FakeState& before) {
  kernel.restore(state);
  kernel.reboot(before);
  return kernel.state().devices;
}

/// After a loss of power in whatever state this is: nothing of what lasts is between, nor is a driver.
void expect_as_found_or_asked_after_reboot(FakeKernel& kernel, const FakeState& before,
                                           const FakeState& asked) {
  const FakeState now = kernel.state();
  kernel.reboot(before);
  recover_all(kernel);
  const auto definitions = [](const FakeState& state) {
    std::map<std::string, std::string> xml;
    for (const auto& [name, domain] : state.domains)
      if (domain.persistent) xml[name] = domain.persistent_xml;
    return xml;
  };
  const auto left = definitions(kernel.state());
  EXPECT_TRUE(left == definitions(before) || left == definitions(asked));
  const FakeState end = kernel.state();
  const auto boots_as = [&](const FakeState& state) {
    return end.settings == state.settings && end.images == state.images;
  };
  EXPECT_TRUE(boots_as(before) || boots_as(asked));
  EXPECT_TRUE(end.devices == before.devices || end.devices == asked.devices ||
              end.devices == booted(kernel, before, before) || end.devices == booted(kernel, asked, before));
  kernel.restore(now);
}

void die(FakeKernel& kernel, const Plan& plan, const FakeState& before, const FakeState& asked,
         Tally& tally) {
  EXPECT_THROW(apply(kernel, plan), Crash);
  kernel.restore(kernel.state());  // Nothing fails any more.
  ++tally.kills;
  expect_as_found_or_asked_after_reboot(kernel, before, asked);
  recover_all(kernel);
  EXPECT_TRUE(kernel.state() == before || kernel.state() == asked);
}

}  // namespace

void expect_as_found_or_asked_wherever_it_dies(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  kernel.restore(before);
  apply(kernel, plan);
  const std::size_t writes = kernel.faults().count(), lines = kernel.journal_faults().count();
  const FakeState asked = kernel.state();
  for (const Effect effect : kEffects) {
    for (std::size_t number = 0; number < writes; ++number) {
      kernel.restore(before);
      kernel.faults().crash(number, effect);
      die(kernel, plan, before, asked, tally);
      ASSERT_FALSE(testing::Test::HasFailure()) << "the process dies in write " << number;
    }
    for (std::size_t number = 0; number < lines; ++number) {
      kernel.restore(before);
      kernel.journal_faults().crash(number, effect);
      die(kernel, plan, before, asked, tally);
      ASSERT_FALSE(testing::Test::HasFailure()) << "the process dies in line " << number << " of the journal";
    }
  }
  kernel.restore(asked);
}

}  // namespace gpupass

namespace gpupass {

namespace {

/// The functions that a plan unbinds from a driver of the host.
std::set<PciAddress> unbound_by(const Plan& plan, const FakeState& before) {
  std::set<PciAddress> devices;
  for (const Step& step : plan.steps)
    if (const auto* driver = std::get_if<SetDriver>(&step.change))
      if (!before.devices.at(driver->device.to_string()).driver.empty()) devices.insert(driver->device);
  return devices;
}

Plan steps_on_other_cards(const Plan& plan, PciAddress device) {
  Plan others;
  for (const Step& step : plan.steps)
    if (const auto* driver = std::get_if<SetDriver>(&step.change);
        driver && !driver->device.same_slot(device))
      others.steps.push_back(step);
  return others;
}

}  // namespace

void expect_others_as_found_whichever_driver_hangs(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  for (const PciAddress hung : unbound_by(plan, before)) {
    kernel.restore(before);
    kernel.hang_in_remove(hung);
    ++tally.hangs;
    EXPECT_EQ(apply(kernel, plan).outcome, Outcome::Wedged);
    const FakeState wedged = kernel.state();
    for (const auto& [address, device] : wedged.devices)
      if (!PciAddress::parse(address)->same_slot(hung)) {
        EXPECT_EQ(device, before.devices.at(address)) << address;
      }
    EXPECT_EQ(wedged.services, before.services);
    if (const Plan others = steps_on_other_cards(plan, hung); !others.steps.empty()) {
      EXPECT_EQ(apply(kernel, others).outcome, Outcome::Done);
    }
    kernel.reboot(before);
    recover_all(kernel);
    EXPECT_EQ(kernel.state().devices, before.devices);
    ASSERT_FALSE(testing::Test::HasFailure()) << "the driver of " << hung.to_string() << " hangs";
  }
  kernel.restore(before);
}

}  // namespace gpupass

namespace gpupass {

namespace {

constexpr FakeGuest kGuests[] = {{.wakes_needed = 2},
                                 {.deaf_to = 1000},
                                 {.wakes_needed = 2, .refuses = true},
                                 {.wakes_needed = 1, .dies = true},
                                 {.dies = true}};

/// The devices that a plan takes from the guest as it runs.
std::vector<DeviceId> taken_live(const Plan& plan) {
  std::vector<DeviceId> devices;
  for (const Step& step : plan.steps)
    if (const auto* device = std::get_if<SetDevice>(&step.change);
        device && !device->present && device->scope == Scope::Live)
      devices.push_back(device->device);
  return devices;
}

void expect_truth(const Report& report, FakeKernel& kernel, const Plan& plan, const std::string& guest,
                  const FakeState& before, const std::function<Plan()>& again) {
  const auto held = [&] {
    const auto domain = kernel.fake_hypervisor().state().find(guest);
    return domain == kernel.fake_hypervisor().state().end() ? std::vector<DeviceId>{}
                                                            : claimed_devices(domain->second.live_xml);
  };
  const auto any_held = [&] {
    const auto devices = held();
    return std::ranges::any_of(taken_live(plan),
                               [&](DeviceId device) { return std::ranges::binary_search(devices, device); });
  };
  switch (report.outcome) {
    case Outcome::Done:
      EXPECT_FALSE(any_held());
      break;
    case Outcome::Pending:
      EXPECT_TRUE(any_held());
      kernel.faults().clear();
      kernel.fake_hypervisor().behave(guest, {});
      EXPECT_EQ(apply(kernel, again()).outcome, Outcome::Done);
      EXPECT_FALSE(any_held());
      EXPECT_THAT(again().steps, testing::IsEmpty());
      break;
    case Outcome::RolledBack:
      EXPECT_EQ(kernel.state(), before);
      break;
    default:
      ADD_FAILURE() << "outcome " << static_cast<int>(report.outcome);
  }
}

}  // namespace

void expect_truth_whatever_the_guest_does(FakeKernel& kernel, const Plan& plan, const std::string& guest,
                                          const std::function<Plan()>& again, Tally& tally) {
  const FakeState before = kernel.state();
  FakeHypervisor& hypervisor = kernel.fake_hypervisor();
  hypervisor.behave(guest, {});
  const std::size_t writes = writes_of(kernel, plan, tally);
  const FakeState asked = kernel.state();
  const auto run = [&](const FakeGuest& behaviour, const std::function<void()>& arrange) {
    kernel.restore(before);
    hypervisor.behave(guest, behaviour);
    arrange();
    const Report report = apply(kernel, plan);
    hypervisor.stay_away(0);
    expect_truth(report, kernel, plan, guest, before, again);
    ++tally.guests;
    tally.pending += report.outcome == Outcome::Pending;
  };
  for (const FakeGuest& behaviour : kGuests) {
    SCOPED_TRACE(testing::Message() << "deaf to " << behaviour.deaf_to << ", wakes needed "
                                    << behaviour.wakes_needed << ", dies " << behaviour.dies << ", refuses "
                                    << behaviour.refuses);
    run(behaviour, [] {});
    for (const Effect effect : kEffects)
      for (std::size_t number = 0; number < writes; ++number) {
        run(behaviour, [&] {
          kernel.faults().lose(number, effect);
          hypervisor.stay_away(1);
        });
        ASSERT_FALSE(testing::Test::HasFailure()) << "the hypervisor goes away in write " << number;
      }
  }
  hypervisor.behave(guest, {});
  kernel.restore(asked);
}

}  // namespace gpupass
