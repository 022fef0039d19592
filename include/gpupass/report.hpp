// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/plan.hpp"

/// What became of a plan: at once, as a report; later, as an operation in the journal.
#pragma GCC visibility push(default)
namespace gpupass {

enum class Outcome {
  Done,
  Already,             ///< There was nothing to do.
  RolledBack,          ///< A step failed; the host is as found.
  RollbackIncomplete,  ///< A step failed, and so did an undo.
  Pending,             ///< A guest has not yet let go of a device, or nobody can tell; nothing is undone.
  Wedged,              ///< A write into the kernel did not return; only a reboot helps.
};
/// "done", "already", "rolled-back", "rollback-incomplete", "pending", "wedged".
std::string_view to_string(Outcome outcome);

/// What became of a step.
enum class StepState {
  NotReached,
  Done,
  Failed,
  Pending,  ///< A guest has not yet let go of a device.
  Wedged,   ///< The write, or that of its undo, did not return.
};
/// "not-reached", "done", "failed", "pending", "wedged".
std::string_view to_string(StepState state);

/// What became of a step's undo, when that step or a later one failed.
enum class UndoState {
  None,  ///< There was no need for it, or no undo.
  Done,
  Failed,
  Left,  ///< It was not tried.
};
/// "none", "done", "failed", "left".
std::string_view to_string(UndoState state);

struct StepResult {
  std::string summary;
  StepState state = StepState::NotReached;
  std::string reason = {};  ///< Why it failed, or is pending; what to know of one that is done.
  UndoState undo = UndoState::None;
  std::string undo_reason = {};  ///< Why the undo failed, or was left.
  friend bool operator==(const StepResult&, const StepResult&) = default;
};

/// Something that happens while a plan is carried out, or undone.
struct Event {
  enum class Kind {
    Begun,
    Done,
    Pending,  ///< A guest has not yet let go of a device.
    Failed,   ///< What was done is undone now.
    Wedged,   ///< A write did not return.
    Undone,
    UndoFailed,
    UndoLeft,  ///< It was not tried.
  };
  Kind kind = Kind::Begun;
  std::size_t step = 0;     ///< Which of the plan's steps, from 0.
  std::size_t steps = 0;    ///< How many there are.
  std::string summary;      ///< Of the step.
  std::string reason = {};  ///< Why it failed, is pending or was left; what to know of one that is done.
  friend bool operator==(const Event&, const Event&) = default;
};
/// "begun", "done", "pending", "failed", "wedged", "undone", "undo-failed", "undo-left".
std::string_view to_string(Event::Kind kind);

/// What happened.
struct Report {
  Outcome outcome = Outcome::Done;
  bool changed = false;  ///< Whether the host differs from how it was found.
  std::vector<StepResult> steps;
  friend bool operator==(const Report&, const Report&) = default;
};

/// The reports of several plans as one: the worst outcome, and all steps. Without any report: Already.
Report merged(const std::vector<Report>& reports);

/// One plan that was carried out, or begun, as the journal tells it. The journal is written ahead: how to
/// undo a change is on disk before the change is made.
struct Operation {
  std::string id;                  ///< Ascending in the order in which they began.
  std::int64_t time = 0;           ///< Seconds since 1970, when it began.
  std::string boot_id;             ///< The kernel's, when it began.
  std::string hypervisor;          ///< Whose guests it is about: "qemu:///system".
  Plan plan;                       ///< As it was applied, secrets included: never for display.
  std::size_t started = 0;         ///< So many of its steps were begun.
  std::optional<Outcome> outcome;  ///< nullopt: it was interrupted, or goes on still.
  std::set<std::size_t> left{};  ///< The steps that may have to be undone: all, where its end does not tell.
  std::string unreadable = {};   ///< Why it cannot be read: then only what could be is here. Empty: it was.
  std::string user = {};         ///< Who logged in and did it: "alice". Empty: not known.
  std::string command = {};      ///< The command line of the program that did it. Empty: not known.
  friend bool operator==(const Operation&, const Operation&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
