// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "carry_out.hpp"
#include "exit_status.hpp"
#include "gpu_verbs.hpp"
#include "gpupass/error.hpp"
#include "gpupass/handover.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// While the GPU is in quarantine an error is a reason to leave it there. Nothing was changed then, so
/// apply() has no report of it.
Report tried(System& system, const Plan& plan, const Progress& progress) try {
  return apply(system, plan, progress);
} catch (const Error& error) {
  Report report{.outcome = Outcome::RolledBack, .changed = false, .steps = {}};
  for (const Step& step : plan.steps) report.steps.push_back({step.summary, StepState::Failed, error.what()});
  return report;
}

/// One hand-over as it goes on. The machine is looked at again before the reset, for a guest may have come
/// meanwhile, and after it.
class HandingOver {
 public:
  HandingOver(const Invocation& invocation, System& system, Host before, PciAddress gpu)
      : invocation_(invocation), system_(system), now_(before), before_(std::move(before)) {
    handover_.gpu = gpu;
    plans_ = plan_handover(before_, gpu);
  }

  const Host& before() const { return before_; }
  Plan plan() const { return shown_as_one(plans_); }
  Answer proven() const { return handover_.proven; }
  Report perform(const Progress& progress);
  std::string result(const Report& report);

 private:
  Host look_again() const;

  const Invocation invocation_;
  System& system_;
  Host now_;
  const Host before_;
  HandoverPlans plans_;
  Handover handover_;
};

Host HandingOver::look_again() const {
  Invocation silent = invocation_;
  silent.quiet = true;
  return look(silent, system_, needs(Verb::Handover), {handover_.gpu.to_string()});
}

/// What becomes of the reset is a finding: the hand-over is done also where it ends in quarantine.
Report HandingOver::perform(const Progress& progress) {
  const Report begun = apply(system_, plans_.begin, progress);
  if (exit_status(begun.outcome) != kDone) return begun;
  if (plan_handover(look_again(), handover_.gpu).reset != plans_.reset)
    throw Error(ErrorCode::Busy, handover_.gpu.to_string(),
                fmt::format("cannot reset {}: the machine changed meanwhile", handover_.gpu.to_string()),
                "it is in quarantine: try again");
  Report made = tried(system_, plans_.reset, progress);
  now_ = look_again();
  handover_ = check_handover(before_, now_, handover_.gpu, made);
  const Report ended = tried(system_, plan_handover_end(now_, handover_), progress);
  if (exit_status(ended.outcome) != kDone) handover_.proven = Answer::Unknown;
  if (made.outcome == Outcome::RolledBack) made.outcome = Outcome::Done;
  return merged({begun, made, ended});
}

std::string HandingOver::result(const Report& report) {
  handover_.report = report;
  return invocation_.json ? render_handover_json(now_, handover_)
                          : render_handover(handover_, view_on(STDOUT_FILENO, invocation_));
}

int run_handover(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const auto system = open_machine(invocation);
  std::optional<HandingOver> work;
  const int status = carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Handover), now.arguments);
    const Selection selection = chosen_gpus(now, host, now.arguments);
    work.emplace(invocation, *system, std::move(host), only_gpu(now, selection.gpus, now.arguments.front()));
    return {.host = work->before(),
            .plan = work->plan(),
            .passed_over = {},
            .perform = [&](const Progress& progress) { return work->perform(progress); },
            .result = [&](const Report& report) { return work->result(report); }};
  });
  const bool kept = !invocation.dry_run && work->proven() != Answer::Yes;
  return status == kDone && kept ? kRefused : status;
}

}  // namespace

const Command handover_verb = {
    .name = "handover",
    .arguments = "GPU",
    .summary = "Reset a GPU between two tenants, and keep it from guests unless it is sound",
    .example = "handover 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = nullptr,
    .later = {},
    .run = run_handover,
};

}  // namespace gpupass
