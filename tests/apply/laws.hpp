// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gpupass/apply.hpp"
#include "support/fake_kernel.hpp"

/// What holds of every plan on every machine.
namespace gpupass {

/// How much was tried, to be printed.
struct Tally {
  unsigned plans = 0;
  unsigned refused = 0;  ///< GPUs that a guard keeps.
  unsigned runs = 0;     ///< Of apply().
  unsigned kills = 0;
  unsigned hangs = 0;    ///< Drivers that never let go.
  unsigned guests = 0;   ///< Runs with a guest that is not simply obedient, or a hypervisor that goes away.
  unsigned pending = 0;  ///< Of these: what the guest had not let go of.
};

/// Every write of the plan fails once with every error, and each time once without effect and once with it:
/// the machine is as found, or as asked where a guest let go all the same. At the end nothing fails, and the
/// machine is as asked.
void expect_as_found_whichever_write_fails(FakeKernel& kernel, const Plan& plan, Tally& tally);

/// Two writes fail, the second one most often in an undo: either the machine is as found, or the report says
/// that it is not, and every function that is not at home has its record.
void expect_honesty_whichever_two_writes_fail(FakeKernel& kernel, const Plan& plan, Tally& tally);

/// The process dies in each write, of the journal too, before it or after it; then recover() runs, and once
/// more: the machine is as found or as asked. And with a reboot in between.
void expect_as_found_or_asked_wherever_it_dies(FakeKernel& kernel, const Plan& plan, Tally& tally);

/// One of the GPUs that the plan takes from the host never comes free: what is on other cards is as found,
/// and can be taken; and all of it after the next boot. Leaves the machine as found.
void expect_others_as_found_whichever_driver_hangs(FakeKernel& kernel, const Plan& plan, Tally& tally);

/// A guest is late, deaf, refuses or ends, and the hypervisor goes away in each change of the plan, before it
/// or after it: what the report says is so. What is pending is continued by `again`, a plan made anew, once
/// the guest obeys.
void expect_truth_whatever_the_guest_does(FakeKernel& kernel, const Plan& plan, const std::string& guest,
                                          const std::function<Plan()>& again, Tally& tally);

}  // namespace gpupass
