// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/handover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "gpupass/identity.hpp"
#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/check/link_health.hpp"
#include "policy/guard/addresses.hpp"
#include "policy/guests_of.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "values/card.hpp"
#include "values/own_switch.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr const char* kPowerCycle =
    "switch the host off and on, then hand it over again; if that does not help, replace the card";

/// A GPU before and after its reset: what is not shown to be as good as before does not pass.
class Gate {
 public:
  Gate(const Host& before, const Host& now, PciAddress gpu)
      : before_(before), now_(now), gpu_(function_at(before, gpu)) {}

  std::vector<Finding> judge(const Report& reset);

 private:
  void judge_reset(const Report& reset);
  void judge_device(const PciFunction& before, const PciFunction& now);
  void judge_config(const PciFunction& before, const PciFunction& now);
  void judge_bars(const PciFunction& before, const PciFunction& now);
  void judge_link();
  void judge_links(const LinkAssessment& before, const LinkAssessment& now);
  void judge_errors();
  void tell_memory();

  void add(const char* id, Verdict verdict, const PciFunction& function, std::string message,
           std::string remedy = {}) {
    findings_.push_back({id, verdict, function.address.to_string(), std::move(message), std::move(remedy)});
  }

  const Host& before_;
  const Host& now_;
  const PciFunction& gpu_;
  std::vector<Finding> findings_;
};

bool is_done(const StepResult& step) {
  return step.state == StepState::Done && step.undo == UndoState::None;
}

void Gate::judge_reset(const Report& reset) {
  const std::string name = gpu_.address.to_string();
  const auto failed = std::ranges::find_if_not(reset.steps, is_done);
  if (reset.steps.empty())
    add("handover.reset", Verdict::Fail, gpu_, fmt::format("{} was not reset", name));
  else if (failed == reset.steps.end())
    add("handover.reset", Verdict::Pass, gpu_,
        fmt::format("{} was reset ({}), and answered", name, lone_reset_method(before_, gpu_).value_or("?")));
  else if (failed->state == StepState::Wedged)
    add("handover.reset", Verdict::Fail, gpu_,
        fmt::format("the reset of {} did not return: {}", name, failed->summary), kPowerCycle);
  else
    add("handover.reset", Verdict::Fail, gpu_,
        fmt::format("the reset of {} failed: {}", name,
                    failed->reason.empty() ? failed->undo_reason : failed->reason),
        kPowerCycle);
}

/// Cards of one model may have no serial number: then their ids say all.
void Gate::judge_device(const PciFunction& before, const PciFunction& now) {
  const std::string name = before.address.to_string();
  switch (likeness(identity_of(before), identity_of(now))) {
    case Likeness::Other:
      return add("handover.device", Verdict::Fail, before,
                 fmt::format("another device than before the reset is at {}", name), kPowerCycle);
    case Likeness::Same:
      return add("handover.device", Verdict::Pass, before, fmt::format("the same device is at {}", name));
    case Likeness::Alike:
      return add("handover.device", Verdict::Pass, before,
                 fmt::format("a device with the same ids is at {}", name));
  }
}

/// The ids above are what the kernel remembers: this is what the device says.
void Gate::judge_config(const PciFunction& before, const PciFunction& now) {
  const std::string name = before.address.to_string();
  if (now.config)
    return add("handover.config", Verdict::Pass, before,
               fmt::format("{} answers in its configuration space", name));
  const std::string why = why_unknown(now.config);
  if (before.config)
    add("handover.config", Verdict::Fail, before,
        fmt::format("the configuration space of {} does not answer as before: {}", name, why), kPowerCycle);
  else
    add("handover.config", Verdict::Unknown, before,
        fmt::format("whether {} answers in its configuration space is not known: {}", name, why), kRunAsRoot);
}

void Gate::judge_bars(const PciFunction& before, const PciFunction& now) {
  const std::string name = before.address.to_string();
  if (!before.bars || !now.bars)
    return add("handover.bars", Verdict::Unknown, before,
               fmt::format("whether the memory of {} has its addresses is not known: {}", name,
                           why_unknown(now.bars ? before.bars : now.bars)));
  const bool lack = !is_virtual(now) && std::ranges::any_of(*now.bars, lacks_addresses);
  if (lack || *before.bars != *now.bars)
    return add("handover.bars", Verdict::Fail, before,
               fmt::format("the memory of {} {} after the reset", name,
                           lack ? "has no addresses" : "is at other addresses"),
               kPowerCycle);
  add("handover.bars", Verdict::Pass, before, fmt::format("the memory of {} is at its addresses", name));
}

/// A link that was narrow before is no better for that: a hand-over that failed is tried again. Speed is
/// compared by what both ends can, for a GPU rests at a low one.
void Gate::judge_links(const LinkAssessment& before, const LinkAssessment& now) {
  const std::string name = gpu_.address.to_string();
  if (now.health == LinkHealth::Unknown)
    return add("handover.link", Verdict::Unknown, gpu_,
               fmt::format("how {} is linked after the reset is not known", name));
  const bool narrow = now.health == LinkHealth::Narrow || now.link.width < before.link.width;
  const bool slow = now.health == LinkHealth::Slow || now.link.max_speed_gts < before.link.max_speed_gts;
  const std::string words =
      fmt::format("{} of {} lanes at {} GT/s", now.link.width, now.link.max_width, now.link.speed_gts);
  if (narrow || slow)
    return add(
        "handover.link", Verdict::Fail, gpu_,
        fmt::format("the link of {} is {} after the reset: {}", name, narrow ? "narrow" : "slow", words),
        kPowerCycle);
  add("handover.link", Verdict::Pass, gpu_, fmt::format("the link of {} has all its lanes: {}", name, words));
}

void Gate::judge_link() {
  if (is_virtual(gpu_)) return;
  const auto link_of = [&](const Host& host) {
    const PciFunction* gpu = find_function(host, gpu_.address);
    return gpu ? link_above(host, at_slot(host, *gpu)) : std::nullopt;
  };
  const auto before = link_of(before_), now = link_of(now_);
  if (before && now) return judge_links(*before, *now);
  if (before || gpu_.link.unknown())
    add("handover.link", Verdict::Unknown, gpu_,
        fmt::format("how {} is linked after the reset is not known", gpu_.address.to_string()));
}

/// Those that the kernel counts for a function and the ports above it: an error of a link may be counted at
/// either end. nullopt: it counts none.
std::optional<PciErrors> errors_on_the_way(const Host& host, PciAddress address) {
  const PciFunction* function = find_function(host, address);
  if (!function) return std::nullopt;
  std::vector<const PciFunction*> hops = path_to_root(host, *function);
  hops.push_back(function);
  std::optional<PciErrors> sum;
  for (const PciFunction* hop : hops) {
    if (!hop->errors) continue;
    if (!sum) sum = PciErrors();
    sum->correctable += hop->errors->correctable;
    sum->nonfatal += hop->errors->nonfatal;
    sum->fatal += hop->errors->fatal;
  }
  return sum;
}

/// A link that trains anew makes a few that are corrected.
void Gate::judge_errors() {
  const std::string name = gpu_.address.to_string();
  const auto before = errors_on_the_way(before_, gpu_.address), now = errors_on_the_way(now_, gpu_.address);
  if (!before || !now)
    return add("handover.errors", before ? Verdict::Unknown : Verdict::Warn, gpu_,
               fmt::format("the kernel counts no errors on the way to {}, so none would be seen", name));
  if (before->nonfatal != now->nonfatal || before->fatal != now->fatal)
    return add("handover.errors", Verdict::Fail, gpu_,
               fmt::format("the links of {} have had errors since the reset: {} fatal and {} other ones that "
                           "were not corrected, before it {} and {}",
                           name, now->fatal, now->nonfatal, before->fatal, before->nonfatal),
               kPowerCycle);
  if (before->correctable != now->correctable)
    return add("handover.errors", Verdict::Warn, gpu_,
               fmt::format("the links of {} have had errors since the reset that were corrected: {}, before "
                           "it {}",
                           name, now->correctable, before->correctable));
  add("handover.errors", Verdict::Pass, gpu_, fmt::format("no errors on the links of {}", name));
}

/// Said each time, because a reset is taken for more than it is.
void Gate::tell_memory() {
  add("handover.memory", Verdict::Warn, gpu_,
      fmt::format("nothing has overwritten the memory of {}: a reset does not prove that it is empty",
                  gpu_.address.to_string()),
      "where the next tenant may look for the last one's data, clear it with the vendor's tool first");
}

std::vector<Finding> Gate::judge(const Report& reset) {
  judge_reset(reset);
  for (const PciAddress address : card_of(before_, gpu_)) {
    const PciFunction& before = function_at(before_, address);
    const PciFunction* now = find_function(now_, address);
    if (!now) {
      add("handover.device", Verdict::Fail, before,
          fmt::format("{} is gone since the reset", address.to_string()), kPowerCycle);
      continue;
    }
    if (address != gpu_.address && !lone_reset_method(before_, before))
      add("handover.reset", Verdict::Warn, before,
          fmt::format("nothing resets {} alone: it was left as it is", address.to_string()));
    judge_device(before, *now);
    judge_config(before, *now);
    judge_bars(before, *now);
  }
  if (find_function(now_, gpu_.address)) {
    judge_link();
    judge_errors();
  }
  tell_memory();
  return std::move(findings_);
}

Answer proven_by(const std::vector<Finding>& findings) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::find(findings, verdict, &Finding::verdict) != findings.end();
  };
  if (any(Verdict::Fail)) return Answer::No;
  return any(Verdict::Unknown) ? Answer::Unknown : Answer::Yes;
}

Answer is_defined_with(const Host& host, const std::vector<PciAddress>& card) {
  if (!host.domains) return host.domains.absent() ? Answer::No : Answer::Unknown;
  const auto is_wanted = [&](PciAddress member) { return !guests_of(host, member).wanted_by.empty(); };
  return std::ranges::any_of(card, is_wanted) ? Answer::Yes : Answer::No;
}

}  // namespace

Handover check_handover(const Host& before, const Host& now, PciAddress gpu, const Report& reset) {
  for (const Host& host : {std::cref(before), std::cref(now)})
    expect_asked(host, needs(Verb::Handover), "judge", gpu.to_string());
  Handover handover;
  handover.gpu = gpu;
  handover.functions = card_of(before, function_at(before, gpu));
  handover.findings = Gate(before, now, gpu).judge(reset);
  handover.proven = proven_by(handover.findings);
  handover.former_tenant_bound = is_defined_with(now, handover.functions);
  handover.report = reset;
  return handover;
}

}  // namespace gpupass
