// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/application.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "change/change.hpp"
#include "codec/wedged_file.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

namespace {

bool is_wedged(const std::exception& exception) {
  const auto* error = dynamic_cast<const Error*>(&exception);
  return error && error->code() == ErrorCode::Wedged;
}

void leave(StepResult& result, const char* why) {
  result.undo = UndoState::Left;
  result.undo_reason = why;
}

/// What the plan assumes has just been looked at.
Access::Seen seen_fresh(const Plan& plan) {
  Access::Seen seen;
  for (const Assumption& assumption : plan.assumes)
    if (assumption.kind == Assumption::Kind::Attribute) seen.emplace(assumption.subject, assumption.expected);
  return seen;
}

/// Tries once more when the hypervisor goes away in the middle and comes back: a state that was reached costs
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
  for (const Step& step : plan.steps) report_.steps.push_back({step.summary});
}

Report Application::run() {
  Access::Seen seen = seen_fresh(plan_);
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    Access access(system_, seen);
    const std::exception_ptr error = perform_step(index, access);
    report_.changed |= access.touched();
    if (error && !report_.changed) give_up(error);
    const StepState state = report_.steps[index].state;
    if (state == StepState::Done) continue;
    if (state == StepState::Pending)
      report_.outcome = Outcome::Pending;
    else
      undo_first(access.touched() ? index + 1 : index);
    return finished();
  }
  report_.outcome = report_.changed ? Outcome::Done : Outcome::Already;
  return finished();
}

/// After the first write no exception of the caller's may end the plan in the middle.
void Application::tell(Event::Kind kind, std::size_t index, const std::string& reason) try {
  if (!progress_) return;
  const Event event{kind, index, plan_.steps.size(), plan_.steps[index].summary, reason};
  if (progress_(event) == Go::Back) stop_ = "the caller asked to stop";
} catch (const std::exception& error) {
  stop_ = error.what();
}

/// Notes in the report what became of the step.
/// @returns the error for which it failed; nullptr: it did not.
std::exception_ptr Application::perform_step(std::size_t index, Access& access) {
  const Step& step = plan_.steps[index];
  StepResult& result = report_.steps[index];
  try {
    tell(Event::Kind::Begun, index);
    if (!stop_.empty()) throw Error(ErrorCode::Cancelled, subject_of(step.change), "cannot go on: " + stop_);
    if (journal_) journal_->start(index);
    const bool reached = perform(access, step.change) == Progressed::Reached;
    result.state = reached ? StepState::Done : StepState::Pending;
    result.reason = access.remark();
    tell(reached ? Event::Kind::Done : Event::Kind::Pending, index, result.reason);
    return nullptr;
  } catch (const std::exception& error) {
    result.state = StepState::Failed;
    result.reason = error.what();
    const std::exception_ptr thrown = std::current_exception();
    if (is_wedged(error)) stop_wedged(step.change, result);
    tell(is_wedged(error) ? Event::Kind::Wedged : Event::Kind::Failed, index, error.what());
    return thrown;
  }
}

/// Nothing was written, so there is nothing to report.
void Application::give_up(const std::exception_ptr& error) {
  report_.outcome = Outcome::RolledBack;
  finished();
  std::rethrow_exception(error);
}

Report Application::run_undo(std::size_t count) {
  for (std::size_t index = 0; index < count; ++index) report_.steps[index].state = StepState::Done;
  if (journal_) journal_->undo();
  undo_first(count);
  return finished();
}

/// Those that the plan has set, as libvirt has written them down. One that cannot be read is left out.
std::map<std::size_t, std::string> Application::definitions_now() const {
  std::map<std::size_t, std::string> definitions;
  if (report_.outcome != Outcome::Done) return definitions;
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    const auto* set = std::get_if<SetDomain>(&plan_.steps[index].change);
    if (!set || !set->xml) continue;
    const Fact<DomainXml> domain = system_.hypervisor().domain(set->name);
    if (domain && domain->persistent) definitions[index] = domain->persistent_xml;
  }
  return definitions;
}

/// If the journal cannot record that a plan is done, recover() would undo it at any later time. So it is
/// undone now. Undoing twice does no harm.
Report Application::finished() {
  try {
    if (journal_) journal_->end(report_.outcome, left(), definitions_now());
    return report_;
  } catch (const Error& error) {
    if (report_.outcome != Outcome::Done) return report_;
    report_.steps.back().state = StepState::Failed;
    report_.steps.back().reason = error.what();
  }
  announce_undo();
  undo_first(report_.steps.size());
  return finished();
}

/// The line that could not be flushed may still be on disk, and say that all is done.
void Application::announce_undo() try {
  journal_->undo();
} catch (const Error&) {  // Then the last word is wrong, should this process die before all is undone.
}

/// In reverse order. An undo that fails does not stop the others. A driver that hung blocks its own card, and
/// no other.
void Application::undo_first(std::size_t count) {
  for (std::size_t index = count; index-- > 0;) {
    const std::optional<Change>& change = plan_.steps[index].undo;
    if (!change) continue;
    StepResult& result = report_.steps[index];
    if (is_on_wedged_card(*change) || is_needed(*change)) {
      astray_.insert(subject_of(*change));
    } else if (takes_from_guest(*change)) {
      astray_.insert(subject_of(*change));
      leave(result, "a guest still holds the device");
    } else {
      undo(*change, result);
    }
    tell_undo(index);
  }
  if (report_.outcome == Outcome::Wedged) return;
  report_.outcome = astray_.empty() ? Outcome::RolledBack : Outcome::RollbackIncomplete;
  report_.changed = !astray_.empty();
}

void Application::tell_undo(std::size_t index) {
  const StepResult& result = report_.steps[index];
  if (result.undo == UndoState::Done)
    tell(Event::Kind::Undone, index);
  else
    tell(result.undo == UndoState::Failed ? Event::Kind::UndoFailed : Event::Kind::UndoLeft, index,
         result.undo_reason);
}

void Application::undo(const Change& change, StepResult& result) {
  const std::string subject = subject_of(change);
  try {
    Access access(system_);
    if (const char* why = why_moot(access, change)) return leave(result, why);
    if (perform_again(access, change) == Progressed::Pending)
      throw Error(ErrorCode::Timeout, subject, "the guest has not released the device");
    astray_.erase(subject);
    result.undo = UndoState::Done;
  } catch (const std::exception& error) {
    if (is_wedged(error)) return stop_wedged(change, result);
    astray_.insert(subject);
    guest_holds_ |= needs_running_guest(change);
    result.undo = UndoState::Failed;
    result.undo_reason = error.what();
  }
}

std::vector<std::size_t> Application::left() const {
  std::vector<std::size_t> steps;
  for (std::size_t index = 0; index < plan_.steps.size(); ++index)
    if (const auto& change = plan_.steps[index].undo; change && astray_.contains(subject_of(*change)))
      steps.push_back(index);
  return steps;
}

/// Whether a driver that hung may also block this change, because both are on one card.
bool Application::is_on_wedged_card(const Change& change) const {
  const auto function = function_of(change);
  return function &&
         std::ranges::any_of(wedged_, [&](PciAddress wedged) { return wedged.same_slot(*function); });
}

/// Whether a failed undo still needs what this change would take away.
bool Application::is_needed(const Change& change) const {
  return std::ranges::any_of(waits_for(change),
                             [this](const std::string& subject) { return astray_.contains(subject); });
}

/// Whether a change would unbind a device that a guest may have open: the write would not return until the
/// guest releases it.
bool Application::takes_from_guest(const Change& change) const {
  return guest_holds_ && waits_for_guest(change);
}

/// The write is still in the kernel and holds the device's lock, so no further change would be reliable. The
/// record of the device is readable for all, so that nobody else waits for it.
void Application::stop_wedged(const Change& change, StepResult& result) {
  result.state = StepState::Wedged;
  result.reason.clear();
  report_.outcome = Outcome::Wedged;
  const auto function = function_of(change);
  if (!function) return;
  wedged_.insert(*function);
  try {
    system_.save(wedged_path(*function), "{\"format\": 1}\n");
  } catch (const Error& error) {
    result.reason = fmt::format("this could not be recorded: {}", error.what());
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
