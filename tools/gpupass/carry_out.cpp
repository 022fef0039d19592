// SPDX-License-Identifier: GPL-2.0-or-later
#include "carry_out.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <variant>

#include "exit_status.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "uninterrupted.hpp"

namespace gpupass {

namespace {

/// libvirt protects guests; only root can write to sysfs and /run.
bool needs_root(const Step& step) {
  return !changes_guest(step.change);
}

void expect_root(const Invocation& invocation, const Plan& plan) {
  if (geteuid() == 0 || std::ranges::none_of(plan.steps, needs_root)) return;
  throw Error(ErrorCode::System, "user",
              fmt::format("cannot {}: saw user id {}, expected root", invocation.verb->name, geteuid()),
              "run it with sudo, or with --dry-run to see the plan");
}

/// Nothing, where a later result will say it.
void print_result(const Invocation& invocation, const std::string& result) {
  if (result.empty()) return;
  if (invocation.json_lines)
    print_line(result);
  else
    print(result);
}

/// The machine has changed by now, so a failure to print the result must not hide the outcome.
void print_report(const Invocation& invocation, const Plan& plan, const Report& report,
                  const std::vector<Finding>& passed_over, const Printer& result) {
  try {
    print_result(invocation, result ? result(report)
                             : invocation.json
                                 ? render_report_json(report, next_steps(plan, report), passed_over)
                                 : render_report(report));
  } catch (const Error& error) {
    tell(invocation, fmt::format("gpupass: {}\n", error.what()));
  } catch (const ReaderGone&) {
  }
}

/// The work goes on if nobody reads its events.
void print_event(const Event& event) try { print_line(to_json(event)); } catch (const Error&) {
} catch (const ReaderGone&) {
}

Report performed(const Invocation& invocation, const Performer& perform) {
  ProgressLine progress(invocation);
  return perform([&](const Event& event) {
    if (event.kind == Event::Kind::Begun) progress.show(event.summary);
    if (invocation.json_lines) print_event(event);
    return Go::On;
  });
}

/// Judges again after a question, without telling again what could not be seen.
void expect_unchanged(const Invocation& invocation, const Plan& plan, const Planner& prepare) {
  Invocation silent = invocation;
  silent.quiet = true;
  if (prepare(silent).plan.steps == plan.steps) return;
  throw Error(ErrorCode::Busy, "plan",
              fmt::format("cannot {}: the machine changed while the question stood", invocation.verb->name),
              "nothing was changed: try again");
}

}  // namespace

int carry_out(const Invocation& invocation, System& system, const Planner& prepare) {
  const Prepared prepared = prepare(invocation);
  const Plan& plan = prepared.plan;
  const std::string outlook =
      invocation.dry_run ? render_outlook(prepared.host, after(prepared.host, plan)) : "";
  const int status = carry_out(
      invocation, plan, outlook,
      [&](const Progress& progress) {
        if (would_ask(invocation)) expect_unchanged(invocation, plan, prepare);
        return prepared.perform ? prepared.perform(progress) : apply(system, plan, progress);
      },
      prepared.passed_over, prepared.result);
  tell_limits(invocation, prepared.host);
  return status;
}

int carry_out(const Invocation& invocation, const Plan& plan, const std::string& outlook,
              const Performer& perform, const std::vector<Finding>& passed_over, const Printer& result) {
  if (invocation.dry_run) {
    print_result(invocation, invocation.json
                                 ? render_plan_json(plan, outlook, passed_over)
                                 : render_plan(plan, outlook, view_on(STDOUT_FILENO, invocation)));
    return kDone;
  }
  expect_root(invocation, plan);
  if (!plan.steps.empty() && (invocation.verbose || would_ask(invocation)))
    tell_always(render_plan(plan, {}, view_on(STDERR_FILENO, invocation)));
  if (!plan.steps.empty() && !agreed(invocation, "Proceed?"))
    throw Error(ErrorCode::System, "user", fmt::format("cannot {}: not confirmed", invocation.verb->name),
                "nothing was changed; -y skips the question");
  const Uninterrupted until_reported;
  const Report report = performed(invocation, perform);
  print_report(invocation, plan, report, passed_over, result);
  for (const std::string& next : next_steps(plan, report))
    tell(invocation, fmt::format("next: {}\n", printable(next)));
  if (exit_status(report.outcome) == kDone) tell(invocation, render_notes(plan, view_on(STDERR_FILENO)));
  return exit_status(report.outcome);
}

}  // namespace gpupass
