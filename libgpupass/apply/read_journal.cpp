// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "apply/failure.hpp"
#include "apply/journal.hpp"
#include "apply/journal_lines.hpp"
#include "codec/reader.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

void begin(Operation& operation, const json& line, const JsonPlace& place) {
  if (!line.contains("format") || line["format"] != kJournalFormat)
    place["format"].malformed(line.value("format", json()), fmt::to_string(kJournalFormat));
  JsonReader reader(line, place);
  int format = 0;
  std::string record;
  reader("format", format);
  reader("record", record);
  reader("time", operation.time);
  reader("boot", operation.boot_id);
  reader("hypervisor", operation.hypervisor);
  reader("plan", operation.plan);
  reader.expect_no_more();
  for (std::size_t step = 0; step < operation.plan.steps.size(); ++step) operation.left.insert(step);
}

void end(Operation& operation, const json& line, const JsonPlace& place) {
  Outcome outcome{};
  read_value(line.value("outcome", json()), place["outcome"], outcome);
  operation.outcome = outcome;
  if (!line.contains("left")) return;
  std::vector<std::size_t> left;
  read_value(line["left"], place["left"], left);
  operation.left = {left.begin(), left.end()};
}

/// @returns whether the line begins the operation, or goes on with it.
bool add(Operation& operation, bool begun, const json& line, const JsonPlace& place) {
  const json record = line.is_object() ? line.value("record", json()) : json();
  if (record == "begin") {
    begin(operation, line, place);
    return true;
  }
  if (!begun) return false;
  if (record == "start") {
    std::size_t step = 0;
    read_value(line.value("step", json()), place["step"], step);
    operation.started = std::max(operation.started, std::min(step + 1, operation.plan.steps.size()));
    operation.outcome.reset();
  } else if (record == "undo") {
    operation.outcome.reset();
  } else if (record == "end") {
    end(operation, line, place);
  } else {
    place["record"].malformed(record, "one of begin, start, undo, end");
  }
  return true;
}

struct Lines {
  std::string text;
  bool over = false;  ///< By the name of the file.
};

Lines lines_of(const System& system, const std::string& id) {
  const std::string path = journal_path(id);
  Fact<std::string> text = system.read(path + std::string(kOver));
  const bool over = !text.absent();
  if (!over) text = system.read(path);
  if (text.unknown()) throw failure(ErrorCode::System, "read", path, text.why(), "the journal");
  return {text.value_or(""), over};
}

/// The names of the files, ascending.
std::vector<std::string> files(const System& system) {
  const std::string folder(kJournalFolder);
  const auto names = system.list(folder);
  if (names.unknown()) throw failure(ErrorCode::System, "read", folder, names.why(), "the journal");
  return names.value_or({});
}

/// By the name, or by the last line alone: what is over need not be understood.
bool is_over(const Lines& lines) {
  if (lines.over) return true;
  const std::string& text = lines.text;
  const std::size_t end = text.find_last_not_of('\n');
  if (end == text.npos) return true;
  const std::size_t start = text.rfind('\n', end) + 1;
  const json line = json::parse(text.substr(start, end + 1 - start), nullptr, /*allow_exceptions=*/false);
  if (!line.is_object() || line.value("record", json()) != "end") return false;
  Outcome outcome{};
  read_value(line.value("outcome", json()), JsonPlace("outcome"), outcome);
  return is_over(outcome);
}

}  // namespace

std::optional<Operation> read_operation(const System& system, const std::string& id) {
  Operation operation;
  operation.id = id;
  const Lines lines = lines_of(system, id);
  const std::string path = journal_path(id);
  const JsonPlace place(path);
  bool begun = false;
  for (std::string_view text = lines.text; !text.empty();) {
    const std::size_t end = text.find('\n');
    const json line = json::parse(text.substr(0, end), nullptr, /*allow_exceptions=*/false);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.is_discarded()) continue;  // Empty, or cut off.
    begun = add(operation, begun, line, place);
  }
  // The power went before the last line was on disk, and with it all that had been done.
  if (lines.over && !operation.outcome) operation.outcome = Outcome::RolledBack;
  return begun ? std::optional(operation) : std::nullopt;
}

std::vector<std::string> open_operations(const System& system) {
  std::vector<std::string> open = files(system);
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
  for (std::string id : files(system)) {
    if (id.ends_with(kOver)) id.resize(id.size() - kOver.size());
    if (!operations.empty() && operations.back().id == id) continue;  // Somebody came late to its end.
    if (auto operation = read_operation(system, id)) operations.push_back(*std::move(operation));
  }
  return operations;
}

bool is_over(Outcome outcome) {
  return outcome != Outcome::RollbackIncomplete && outcome != Outcome::Wedged;
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
