// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gpupass/journal.hpp"

namespace gpupass {

/// The kernel's name for the time since it started. @throws Error when it has none.
std::string boot_id(const System& system);

/// The journal's files, ascending; whatever else is in its folder is left out.
/// @throws Error System for a folder that cannot be read.
std::vector<std::string> journal_files(const System& system);
/// The operations that need recovery, ascending by id.
std::vector<std::string> open_operations(const System& system);
/// nullopt: it was interrupted before its first change.
std::optional<Operation> read_operation(const System& system, const std::string& id);
/// Whether an operation concerns one of these locks, or may do so because it cannot be read completely.
bool may_concern(const System& system, const Operation& operation, const std::set<std::string>& locks);

/// One operation's lines, being written. A file of JSON lines for each operation, so that two never mix.
class Journal {
 public:
  /// Goes on with the lines of an operation that is there.
  Journal(System& system, std::string id) : system_(system), id_(std::move(id)) {}

  /// A new one, with the whole plan: on disk when it returns.
  static Journal begin(System& system, const Plan& plan);
  /// The step is about to be begun.
  void start(std::size_t step);
  /// What was done is about to be undone.
  void undo();
  /// Records the end. The line is on disk on return if the change outlives a boot or went wrong. A state that
  /// does not outlive a boot needs no line on disk: a loss of power removes it anyway. If the operation is
  /// not over yet, `left` are the steps still to be undone. `definitions` are those that steps have set, in
  /// libvirt's own words: by them a later change is told.
  void end(Outcome outcome, const std::vector<std::size_t>& left = {},
           const std::map<std::size_t, std::string>& definitions = {});

 private:
  System& system_;
  std::string id_;
  bool lasts_ = true;  ///< Something of it, as far as is known here.
};

}  // namespace gpupass
