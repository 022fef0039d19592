// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply/access.hpp"
#include "apply/journal.hpp"
#include "gpupass/apply.hpp"

namespace gpupass {

/// Keeps other gpupass processes off the plan's devices and guests, until all of these are gone.
using Locks = std::vector<std::shared_ptr<void>>;
Locks lock_all(System& system, const Plan& plan);

/// Whether the machine is now as all of the plan's steps together leave it. Changes nothing.
bool is_reached(System& system, const Plan& plan);

/// One plan being carried out, and what has become of it so far.
class Application {
 public:
  /// Without a journal nothing is recorded: a user who may not write there may still change guests.
  Application(System& system, const Plan& plan, const Progress& progress, std::optional<Journal> journal);

  Report run();
  /// Undoes the first steps of the plan, whatever became of them.
  Report run_undo(std::size_t count);

 private:
  void tell(Event::Kind kind, std::size_t index, const std::string& reason = {});
  std::exception_ptr perform_step(std::size_t index, Access& access);
  [[noreturn]] void give_up(const std::exception_ptr& error);
  Report finished();
  void announce_undo();
  void undo_first(std::size_t count);
  void tell_undo(std::size_t index);
  void undo(const Change& change, StepResult& result);
  std::vector<std::size_t> left() const;
  std::map<std::size_t, std::string> definitions_now() const;
  bool is_on_wedged_card(const Change& change) const;
  bool is_needed(const Change& change) const;
  bool takes_from_guest(const Change& change) const;
  void stop_wedged(const Change& change, StepResult& result);

  System& system_;
  const Plan& plan_;
  const Progress& progress_;
  std::optional<Journal> journal_;
  Report report_;
  std::set<std::string> astray_;  // Subjects whose last undo failed, or was not tried.
  std::set<PciAddress> wedged_;   // Functions whose driver has hung.
  std::string stop_;              // Why the caller wants no further step; empty: it wants all.
  bool guest_holds_ = false;      // A guest could not be parted from a device or stopped.
};

}  // namespace gpupass
