// SPDX-License-Identifier: GPL-2.0-or-later
#include "at_boot.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "again_while_busy.hpp"
#include "carry_out.hpp"
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"

namespace gpupass {

namespace {

/// The exit status for what could not even be begun; each error is told.
int tell_errors(const std::vector<Error>& errors) {
  int status = kDone;
  for (const Error& error : errors) {
    tell_error(error);
    status = std::max(status, exit_status(error.code()));
  }
  return status;
}

/// Applies one plan after the other; a failure of one does not affect the others.
Report apply_each(System& system, const std::vector<Plan>& plans, const Progress& progress,
                  std::vector<Error>& errors) {
  std::vector<Report> reports;
  for (const Plan& plan : plans) try {
      reports.push_back(apply(system, plan, progress));
    } catch (const Error& error) {  // Nothing of it was changed.
      Report& report = reports.emplace_back(Report{Outcome::RolledBack, /*changed=*/false, {}});
      for (const Step& step : plan.steps) report.steps.push_back({step.summary});
      errors.push_back(error);
    }
  return merged(reports);
}

/// One look at the machine after the other, until there is nothing more to do.
class AtBoot {
 public:
  AtBoot(const Invocation& invocation, const Parts& parts, BootPlans plan(const Host& host), Rounds rounds)
      : invocation_(invocation), parts_(parts), plan_(plan), rounds_(static_cast<unsigned>(rounds)) {}

  int run();

 private:
  Report perform(System& system, BootPlans boot, const Progress& progress);

  const Invocation& invocation_;
  Parts parts_;
  BootPlans (*plan_)(const Host& host);
  unsigned rounds_;
  std::vector<Error> errors_;
};

Report AtBoot::perform(System& system, BootPlans boot, const Progress& progress) {
  std::vector<Report> reports;
  Invocation silent = invocation_;
  silent.quiet = true;
  for (unsigned round = 1; !boot.plans.empty(); ++round) {
    reports.push_back(apply_each(system, boot.plans, progress, errors_));
    if (round == rounds_ || exit_status(reports.back().outcome) != kDone) break;
    boot = plan_(look(silent, system, parts_));
    std::ranges::move(boot.refusals, std::back_inserter(errors_));
  }
  return merged(reports);
}

int AtBoot::run() {
  const auto system = open_machine(invocation_);
  const Host host = look(invocation_, *system, parts_);
  const BootPlans boot = plan_(host);
  if (!boot.findings.empty()) tell_always(render_findings(boot.findings, view_on(STDERR_FILENO)));
  const int refused = tell_errors(boot.refusals);
  Plan together;
  for (const Plan& plan : boot.plans) append(together, plan);
  const std::string outlook = invocation_.dry_run ? render_outlook(host, after(host, together)) : "";
  const int status = carry_out(invocation_, together, outlook,
                               [&](const Progress& progress) { return perform(*system, boot, progress); });
  return std::max(
      {status, refused, tell_errors(errors_), boot.findings.empty() ? int{kDone} : int{kRefused}});
}

}  // namespace

/// While the host boots, drivers are still binding devices, so a fact may be stale a moment later.
int do_at_boot(const Invocation& invocation, const Parts& parts, BootPlans plan(const Host& host),
               Rounds rounds) {
  expect_arguments(invocation, 0, 0);
  return again_while_busy([&] { return AtBoot(invocation, parts, plan, rounds).run(); });
}

}  // namespace gpupass
