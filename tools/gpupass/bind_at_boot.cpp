// SPDX-License-Identifier: GPL-2.0-or-later
#include "bind_at_boot.hpp"

#include <unistd.h>

#include <algorithm>

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

int bind_once(const Invocation& invocation) {
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Bind));
  const BootPlans boot = plan_boot(host);
  if (!boot.findings.empty()) tell_always(render_findings(boot.findings, view_on(STDERR_FILENO)));
  const int refused = tell_errors(boot.refusals);
  Plan together;
  for (const Plan& plan : boot.plans) append(together, plan);
  std::vector<Error> errors;
  const std::string outlook = invocation.dry_run ? render_outlook(host, after(host, together)) : "";
  const int status = carry_out(invocation, together, outlook, [&](const Progress& progress) {
    return apply_each(*system, boot.plans, progress, errors);
  });
  return std::max({status, refused, tell_errors(errors), boot.findings.empty() ? int{kDone} : int{kRefused}});
}

}  // namespace

/// While the host boots, drivers are still binding devices, so a fact may be stale a moment later.
int bind_at_boot(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  return again_while_busy([&] { return bind_once(invocation); });
}

}  // namespace gpupass
