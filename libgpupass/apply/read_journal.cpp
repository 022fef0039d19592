// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "apply/absence.hpp"
#include "apply/journal.hpp"
#include "change/change.hpp"
#include "change/journal_file.hpp"

namespace gpupass {

namespace {

struct Lines {
  std::string text;
  bool over = false;       ///< By the name of the file.
  std::string unreadable;  ///< Why the file cannot be read.
};

Lines lines_of(const System& system, const std::string& id) {
  const std::string path = journal_path(id);
  Fact<std::string> text = system.read(path + std::string(kOver));
  const bool over = !text.absent();
  if (!over) text = system.read(path);
  if (text.unknown())
    return {"", over, failure(ErrorCode::System, "read", path, text.why(), "the journal").what()};
  return {text.value_or(""), over, ""};
}

bool is_over(const Lines& lines) {
  return lines.over || (lines.unreadable.empty() && ends_as_over(lines.text));
}

}  // namespace

std::vector<std::string> journal_files(const System& system) {
  const std::string folder(kJournalFolder);
  const auto found = system.list(folder);
  if (found.unknown()) throw Error(ErrorCode::System, folder, "cannot read the journal: " + found.why());
  std::vector<std::string> names = found.value_or({});
  std::erase_if(names, [](const std::string& name) { return !begin_in_name(name); });
  return names;
}

std::optional<Operation> read_operation(const System& system, const std::string& id) {
  const Lines lines = lines_of(system, id);
  std::optional<Operation> operation = operation_in(id, lines.text);
  if (!lines.unreadable.empty()) {
    operation.emplace().id = id;
    operation->unreadable = lines.unreadable;
  }
  // The power failed before the last line was on disk, and undid the change too.
  if (operation && lines.over && !operation->outcome) operation->outcome = Outcome::RolledBack;
  return operation;
}

bool may_concern(const System& system, const Operation& operation, const std::set<std::string>& locks) {
  if (!operation.unreadable.empty()) {
    const Lines lines = lines_of(system, operation.id);
    return !lines.unreadable.empty() || may_concern(lines.text, locks);
  }
  return std::ranges::any_of(locks_of(plan_left(operation)),
                             [&](const std::string& lock) { return locks.contains(lock); });
}

std::vector<std::string> open_operations(const System& system) {
  std::vector<std::string> open = journal_files(system);
  std::erase_if(open, [&](const std::string& name) {
    return name.ends_with(kOver) || is_over(lines_of(system, name));
  });
  return open;
}

std::vector<Operation> interrupted_operations(const System& system) {
  std::vector<Operation> operations;
  for (const std::string& id : open_operations(system))
    if (auto operation = read_operation(system, id);
        operation && needs_recovery(*operation))  // Still, that is.
      operations.push_back(*std::move(operation));
  return operations;
}

std::vector<Operation> read_journal(const System& system) {
  std::vector<Operation> operations;
  for (std::string id : journal_files(system)) {
    if (id.ends_with(kOver)) id.resize(id.size() - kOver.size());
    if (!operations.empty() && operations.back().id == id) continue;  // Somebody came late to its end.
    if (auto operation = read_operation(system, id)) operations.push_back(*std::move(operation));
  }
  return operations;
}

Plan plan_left(const Operation& operation) {
  Plan plan;
  for (const std::size_t step : operation.left)
    if (step < operation.plan.steps.size()) plan.steps.push_back(operation.plan.steps[step]);
  return plan;
}

bool needs_recovery(const Operation& operation) {
  return !operation.outcome || !is_over(*operation.outcome);
}

}  // namespace gpupass
