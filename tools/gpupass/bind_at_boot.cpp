// SPDX-License-Identifier: GPL-2.0-or-later
#include "bind_at_boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "carry_out.hpp"
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

/// What is done at boot, one set of GPUs that moves together after the other.
class Boot {
 public:
  explicit Boot(System& system) : system_(system) {}

  void plan(const Host& host, const std::vector<PciAddress>& gpus) {
    attempt([&] { plans_.push_back(plan_bind(host, gpus)); });
  }
  /// All of them, to be shown.
  Plan together() const {
    Plan all;
    for (const Plan& plan : plans_) add(all, plan);
    return all;
  }
  Report apply_all(const Progress& progress) {
    Report all = nothing_yet();
    for (const Plan& plan : plans_) {
      // An error says that nothing was changed.
      Report report{Outcome::RolledBack, /*changed=*/false, {}};
      for (const Step& step : plan.steps) report.steps.push_back({step.summary, "not reached"});
      attempt([&] { report = apply(system_, plan, progress); });
      add(all, report);
    }
    return all;
  }
  /// The exit status for what could not even be begun.
  int status() const { return status_; }

 private:
  template <typename Action>
  void attempt(const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      tell_always(fmt::format("gpupass: {}\n", printable(error.what())));
      if (!error.hint().empty()) tell_always(fmt::format("  {}\n", printable(error.hint())));
      status_ = std::max(status_, exit_status(error.code()));
    }
  }

  System& system_;
  std::vector<Plan> plans_;
  int status_ = kDone;
};

int bind_once(const Invocation& invocation) {
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_devices());
  const BootDuty duty = boot_duty(host);
  if (!duty.findings.empty()) tell_always(render_findings(duty.findings));
  Boot boot(*system);
  for (const std::vector<PciAddress>& gpus : duty.gpus) boot.plan(host, gpus);
  const int status = carry_out(invocation, boot.together(),
                               [&](const Progress& progress) { return boot.apply_all(progress); });
  return std::max({status, boot.status(), duty.findings.empty() ? int{kDone} : int{kRefused}});
}

}  // namespace

/// While the host boots its drivers still come and take their devices: what was seen of one may not be so a
/// moment later.
int bind_at_boot(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  constexpr int kMostTries = 20;
  constexpr std::chrono::seconds kPause{1};
  int status = bind_once(invocation);
  for (int tries = 1; status == kBusy && tries < kMostTries; ++tries) {
    std::this_thread::sleep_for(kPause);
    status = bind_once(invocation);
  }
  return status;
}

}  // namespace gpupass
