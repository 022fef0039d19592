// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/apply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <set>

#include "apply/perform.hpp"
#include "apply/verify.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

namespace {

std::string driver_subject(PciAddress device) {
  return "the driver of " + device.to_string();
}

/// What a change sets the state of. Two changes with one subject: the later one decides.
struct Subject {
  std::string operator()(const SetHome& change) const { return "the home of " + change.device.to_string(); }
  std::string operator()(const SetDriver& change) const { return driver_subject(change.device); }
  std::string operator()(const LoadModule& change) const { return "module " + change.module; }
  std::string operator()(const SetDomain& change) const { return "the definition of " + change.name; }
  std::string operator()(const SetPower& change) const { return "the power of " + change.domain; }
  std::string operator()(const SetDevice& change) const {
    return fmt::format("{} in {} of {}", change.device.to_string(),
                       change.scope == Scope::Live ? "life" : "definition", change.domain);
  }
};

bool is_wedged(const std::exception& exception) {
  const auto* error = dynamic_cast<const Error*>(&exception);
  return error && error->code() == ErrorCode::Wedged;
}

/// One plan being carried out, and what has become of it so far.
class Application {
 public:
  Application(System& system, const Plan& plan, const Progress& progress);

  Report run();

 private:
  void undo_first(std::size_t count);
  void undo(const Change& change, std::string& result);
  bool is_last_trace_of_home(const Change& change) const;
  bool takes_from_guest(const Change& change) const;
  void stop_wedged(std::string& result);

  System& system_;
  const Plan& plan_;
  const Progress& progress_;
  Report report_;
  std::set<std::string> astray_;  // Subjects whose last undo failed.
  bool guest_holds_ = false;      // A guest could not be parted from a device or stopped.
};

Application::Application(System& system, const Plan& plan, const Progress& progress)
    : system_(system), plan_(plan), progress_(progress) {
  for (const Step& step : plan.steps) report_.steps.push_back({step.summary, "not reached"});
}

Report Application::run() {
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    std::string& result = report_.steps[index].result;
    Access access(system_);
    try {
      if (progress_) progress_(plan_.steps[index].summary);
      const Progressed progressed = perform(access, plan_.steps[index].change);
      report_.changed |= access.touched();
      if (progressed == Progressed::Pending) {
        result = "pending";
        report_.outcome = Outcome::Pending;
        return report_;
      }
      result = "done";
    } catch (const std::exception& error) {
      report_.changed |= access.touched();
      if (!report_.changed) throw;  // Nothing was written, so there is nothing to report.
      if (is_wedged(error)) {
        stop_wedged(result);
      } else {
        result = fmt::format("failed: {}", error.what());
        undo_first(access.touched() ? index + 1 : index);
      }
      return report_;
    }
  }
  report_.outcome = report_.changed ? Outcome::Done : Outcome::Already;
  return report_;
}

/// In reverse order. An undo that fails does not stop the others: each brings one subject nearer home.
void Application::undo_first(std::size_t count) {
  for (std::size_t index = count; index-- > 0;) {
    const std::optional<Change>& change = plan_.steps[index].undo;
    if (!change || is_last_trace_of_home(*change)) continue;
    if (takes_from_guest(*change)) {
      report_.steps[index].result += "; not undone: a guest still holds the device";
      continue;
    }
    undo(*change, report_.steps[index].result);
    if (report_.outcome == Outcome::Wedged) return;
  }
  report_.outcome = astray_.empty() ? Outcome::RolledBack : Outcome::RollbackIncomplete;
  report_.changed = !astray_.empty();
}

void Application::undo(const Change& change, std::string& result) {
  const std::string subject = std::visit(Subject{}, change);
  const bool failed = result != "done";  // Then the result says why, and keeps saying it.
  try {
    Access access(system_);
    if (perform(access, change) == Progressed::Pending)
      throw Error(ErrorCode::Timeout, subject, "the guest has not let go of the device");
    astray_.erase(subject);
    if (!failed) result = "undone";
  } catch (const std::exception& error) {
    if (is_wedged(error)) return stop_wedged(result);
    astray_.insert(subject);
    const auto* device = std::get_if<SetDevice>(&change);
    guest_holds_ |= std::holds_alternative<SetPower>(change) || (device && device->scope == Scope::Live);
    const std::string complaint = fmt::format("undo failed: {}", error.what());
    result = failed ? result + "; " + complaint : complaint;
  }
}

/// Whether a change would forget where a function belongs that is not there: nobody could bring it home then.
bool Application::is_last_trace_of_home(const Change& change) const {
  const auto* home = std::get_if<SetHome>(&change);
  return home && !home->home && astray_.contains(driver_subject(home->device));
}

/// Whether a change would unbind what a guest may have open: the write would not return before the guest lets
/// go.
bool Application::takes_from_guest(const Change& change) const {
  return guest_holds_ &&
         (std::holds_alternative<SetDriver>(change) || std::holds_alternative<SetHome>(change));
}

/// The write is still in the kernel and holds the device's lock: nothing that is done now could be relied on.
void Application::stop_wedged(std::string& result) {
  result = "wedged";
  report_.outcome = Outcome::Wedged;
}

/// Keeps other gpupass processes off. Who may not lock may still change guests: there libvirt keeps order.
std::shared_ptr<void> lock_for(System& system, const Plan& plan) {
  const bool touches_devices = std::ranges::any_of(plan.steps, [](const Step& step) {
    return std::holds_alternative<SetDriver>(step.change) || std::holds_alternative<SetHome>(step.change) ||
           std::holds_alternative<LoadModule>(step.change);
  });
  try {
    return system.lock();
  } catch (const Error& error) {
    if (touches_devices || error.code() == ErrorCode::Busy) throw;
    return nullptr;
  }
}

}  // namespace

Report apply(System& system, const Plan& plan, const Progress& progress) {
  if (plan.steps.empty()) return {Outcome::Already, /*changed=*/false, {}};
  require_well_formed(plan);
  const std::shared_ptr<void> lock = lock_for(system, plan);
  require_fresh(system, plan);
  return Application(system, plan, progress).run();
}

}  // namespace gpupass
