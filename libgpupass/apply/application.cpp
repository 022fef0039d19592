// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/application.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>

#include "apply/failure.hpp"
#include "apply/perform.hpp"
#include "apply/subjects.hpp"
#include "codec/wedged_file.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

namespace {

bool is_wedged(const std::exception& exception) {
  const auto* error = dynamic_cast<const Error*>(&exception);
  return error && error->code() == ErrorCode::Wedged;
}

/// What the plan assumes has just been looked at.
Access::Seen seen_fresh(const Plan& plan) {
  Access::Seen seen;
  for (const Assumption& assumption : plan.assumes)
    if (assumption.kind == Assumption::Kind::Attribute) seen.emplace(assumption.subject, assumption.expected);
  return seen;
}

/// A hypervisor that goes away in the middle and comes back is asked once more: what is there by then costs
/// no write.
Progressed perform_again(Access& access, const Change& change) try {
  return perform(access, change);
} catch (const Error& error) {
  if (!is_absence(error)) throw;
  return perform(access, change);
}

}  // namespace

Application::Application(System& system, const Plan& plan, const Progress& progress,
                         std::optional<Journal> journal)
    : system_(system), plan_(plan), progress_(progress), journal_(std::move(journal)) {
  for (const Step& step : plan.steps) report_.steps.push_back({step.summary, "not reached"});
}

Report Application::run() {
  Access::Seen seen = seen_fresh(plan_);
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    std::string& result = report_.steps[index].result;
    Access access(system_, seen);
    try {
      if (progress_) progress_(plan_.steps[index].summary);
      if (journal_) journal_->start(index);
      const Progressed progressed = perform(access, plan_.steps[index].change);
      report_.changed |= access.touched();
      if (progressed == Progressed::Pending) {
        result = access.remark().empty() ? "pending" : "pending: " + access.remark();
        report_.outcome = Outcome::Pending;
        return finished();
      }
      result = "done";
    } catch (const std::exception& error) {
      report_.changed |= access.touched();
      if (!report_.changed) {  // Nothing was written, so there is nothing to report.
        report_.outcome = Outcome::RolledBack;
        finished();
        throw;
      }
      if (is_wedged(error)) {
        stop_wedged(plan_.steps[index].change, result);
        undo_first(index + 1);
      } else {
        result = fmt::format("failed: {}", error.what());
        undo_first(access.touched() ? index + 1 : index);
      }
      return finished();
    }
  }
  report_.outcome = report_.changed ? Outcome::Done : Outcome::Already;
  return finished();
}

Report Application::run_undo(std::size_t count) {
  for (std::size_t index = 0; index < count; ++index) report_.steps[index].result = "done";
  if (journal_) journal_->undo();
  undo_first(count);
  return finished();
}

/// What the journal does not say did not happen: without that line recover() would undo it, at any later
/// time.
Report Application::finished() try {
  if (journal_) journal_->end(report_.outcome, left());
  return report_;
} catch (const Error& error) {
  if (report_.outcome != Outcome::Done)
    return report_;  // What there was to undo is undone, and may be so again.
  report_.steps.back().result = fmt::format("failed: {}", error.what());
  announce_undo();
  undo_first(report_.steps.size());
  return finished();
}

/// The line that could not be flushed may be there, and say that all is done.
void Application::announce_undo() try {
  journal_->undo();
} catch (const Error&) {  // Then the last word is wrong, should this process die before all is undone.
}

/// In reverse order. An undo that fails does not stop the others: each brings one subject nearer home. A
/// driver that has hung keeps its card, and no other.
void Application::undo_first(std::size_t count) {
  for (std::size_t index = count; index-- > 0;) {
    const std::optional<Change>& change = plan_.steps[index].undo;
    if (!change) continue;
    if (is_on_wedged_card(*change) || is_last_trace_of_home(*change)) {
      astray_.insert(subject_of(*change));
    } else if (takes_from_guest(*change)) {
      astray_.insert(subject_of(*change));
      report_.steps[index].result += "; not undone: a guest still holds the device";
    } else {
      undo(*change, report_.steps[index].result);
    }
  }
  if (report_.outcome == Outcome::Wedged) return;
  report_.outcome = astray_.empty() ? Outcome::RolledBack : Outcome::RollbackIncomplete;
  report_.changed = !astray_.empty();
}

void Application::undo(const Change& change, std::string& result) {
  const std::string subject = subject_of(change);
  const bool failed = result != "done";  // Then the result says why, and keeps saying it.
  try {
    Access access(system_);
    if (is_moot(access, change)) {
      result += "; not undone: the guest no longer runs";
      return;
    }
    if (perform_again(access, change) == Progressed::Pending)
      throw Error(ErrorCode::Timeout, subject, "the guest has not let go of the device");
    astray_.erase(subject);
    if (!failed) result = "undone";
  } catch (const std::exception& error) {
    if (is_wedged(error)) return stop_wedged(change, result);
    astray_.insert(subject);
    const auto* device = std::get_if<SetDevice>(&change);
    guest_holds_ |= std::holds_alternative<SetPower>(change) || (device && device->scope == Scope::Live);
    const std::string complaint = fmt::format("undo failed: {}", error.what());
    result = failed ? result + "; " + complaint : complaint;
  }
}

std::vector<std::size_t> Application::left() const {
  std::vector<std::size_t> steps;
  for (std::size_t index = 0; index < plan_.steps.size(); ++index)
    if (const auto& change = plan_.steps[index].undo; change && astray_.contains(subject_of(*change)))
      steps.push_back(index);
  return steps;
}

/// Whether the driver may wait for what it has let go of already.
bool Application::is_on_wedged_card(const Change& change) const {
  const auto device = device_of(change);
  return device && std::ranges::any_of(wedged_, [&](PciAddress wedged) { return wedged.same_slot(*device); });
}

/// Whether a change would forget where a function belongs that is not there: nobody could bring it home then.
bool Application::is_last_trace_of_home(const Change& change) const {
  const auto* home = std::get_if<SetHome>(&change);
  return home && !home->home &&
         std::ranges::any_of(subjects_of_home(home->device),
                             [this](const std::string& subject) { return astray_.contains(subject); });
}

/// Whether a change would unbind what a guest may have open: the write would not return before the guest lets
/// go.
bool Application::takes_from_guest(const Change& change) const {
  return guest_holds_ &&
         (std::holds_alternative<SetDriver>(change) || std::holds_alternative<SetHome>(change));
}

/// The write is still in the kernel and holds the device's lock: nothing that is done now could be relied on.
/// All may read which device it is, so that nobody else waits for it.
void Application::stop_wedged(const Change& change, std::string& result) {
  result = "wedged";
  report_.outcome = Outcome::Wedged;
  const auto device = device_of(change);
  if (!device) return;
  wedged_.insert(*device);
  try {
    system_.save(wedged_path(*device), "{\"format\": 1}\n");
  } catch (const Error& error) {
    result += fmt::format(" (which could not be noted: {})", error.what());
  }
}

bool is_reached(System& system, const Plan& plan) {
  std::map<std::string, const Change*> last;  // By subject: what is on the way only need not be there now.
  for (const Step& step : plan.steps) last[subject_of(step.change)] = &step.change;
  return std::ranges::all_of(last, [&](const auto& change) { return is_reached(system, *change.second); });
}

Locks lock_all(System& system, const Plan& plan) {
  Locks locks;
  for (const std::string& name : locks_of(plan)) locks.push_back(system.lock(name));
  return locks;
}

}  // namespace gpupass
