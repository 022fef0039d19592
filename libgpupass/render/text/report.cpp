// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/report.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

/// What became of the step itself.
std::string state_words(const StepResult& step) {
  const std::string why = step.reason.empty() ? "" : ": " + step.reason;
  switch (step.state) {
    case StepState::NotReached:
      return "not reached";
    case StepState::Done:
      return "done" + why;
    case StepState::Failed:
      return "failed" + why;
    case StepState::Pending:
      return "pending" + why;
    case StepState::Wedged:
      break;
  }
  return step.reason.empty() ? "wedged" : fmt::format("wedged ({})", step.reason);
}

}  // namespace

std::string words_for(const StepResult& step) {
  const bool done = step.state == StepState::Done;
  switch (step.undo) {
    case UndoState::None:
      break;
    case UndoState::Done:
      return done ? "undone" : state_words(step);
    case UndoState::Failed:
      return (done ? "" : state_words(step) + "; ") + "undo failed: " + step.undo_reason;
    case UndoState::Left:
      return state_words(step) + "; not undone: " + step.undo_reason;
  }
  return state_words(step);
}

std::string_view words_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done:
      return "done";
    case Outcome::Already:
      return "nothing to do: the host already is as you asked";
    case Outcome::RolledBack:
      return "failed; everything was undone, and the host is as it was before";
    case Outcome::RollbackIncomplete:
      return "failed, and not all of it could be undone: see the steps above";
    case Outcome::Pending:
      return "pending: the guest has not released the device yet";
    case Outcome::Wedged:
      break;
  }
  return "wedged: the kernel has not returned from a write";
}

}  // namespace gpupass
