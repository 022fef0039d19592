// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>
#include <vector>

#include "at_boot.hpp"
#include "carry_out.hpp"
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "options/declared_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_apply(po::options_description& options) {
  describe_bind_options(options);
  describe_declared_options(options);
  options.add_options()("at-boot", "make the slices that were recorded for it; the systemd unit does this");
}

/// The way to a declared state, one plan after the other: what goes onto virtual functions can be planned
/// when they are there.
class Applying {
 public:
  Applying(const Invocation& invocation, System& system)
      : invocation_(invocation),
        system_(system),
        declared_(declaration(invocation)),
        options_(bind_options(invocation)) {}

  int run();

 private:
  Prepared prepare(const Invocation& now);
  std::string result(const Report& report);

  const Invocation& invocation_;
  System& system_;
  const Declaration declared_;
  const BindOptions options_;
  Plan plan_;
  std::vector<Report> reports_;
  Answer reached_ = Answer::No;  ///< Whether the host is as declared after the plan.
};

/// The result of several plans is one document; in words each says what it has done.
std::string Applying::result(const Report& report) {
  const bool is_first = reports_.empty();
  reports_.push_back(report);
  const bool goes_on = exit_status(report.outcome) == kDone && reached_ != Answer::Yes && report.changed;
  if (invocation_.json) return goes_on ? "" : render_report_json(merged(reports_), next_steps(plan_, report));
  return is_first || report.changed ? render_report(report) : "";
}

Prepared Applying::prepare(const Invocation& now) {
  Host host = look(now, system_, needs(Verb::State) | declared_.parts);
  const State state = declared_.on(host);
  Plan plan = plan_state(host, state, options_);
  reached_ = same_as_declared(compare_state(after(host, plan), state));
  plan_ = plan;
  return {.host = std::move(host),
          .plan = std::move(plan),
          .passed_over = {},
          .perform = {},
          .result = [this](const Report& report) { return result(report); }};
}

int Applying::run() {
  constexpr unsigned kMost = 5;  // The driver, virtual functions, MIG, the names of types, and the rest.
  for (unsigned round = 1;; ++round) {
    const int status =
        carry_out(invocation_, system_, [this](const Invocation& now) { return prepare(now); });
    const bool has_changed = !reports_.empty() && reports_.back().changed;
    if (status != kDone || reached_ == Answer::Yes || !has_changed || round == kMost) return status;
  }
}

int run_apply(const Invocation& invocation) {
  if (invocation.has("at-boot")) {
    if (invocation.has("force") || invocation.has("stop") || invocation.has("mig-config") ||
        invocation.has("vgpu-config"))
      throw Error(ErrorCode::Usage, "command line",
                  "cannot apply with --at-boot and --force, --stop, --mig-config or --vgpu-config",
                  "use --at-boot alone");
    Parts parts = needs(Verb::State);
    parts.domains = false;  // libvirt may wait for this.
    parts.mig = true;
    return do_at_boot(invocation, parts, plan_boot_slices, Rounds::Some);
  }
  const auto system = open_machine(invocation);
  return Applying(invocation, *system).run();
}

}  // namespace

const Command apply_verb = {
    .name = "apply",
    .arguments = "FILE",
    .summary = "Make this host what a file declares",
    .example = "apply --dry-run node.toml",
    .effect = Effect::ChangesDevices,
    .describe = describe_apply,
    .later = {},
    .run = run_apply,
};

}  // namespace gpupass
