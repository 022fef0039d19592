// SPDX-License-Identifier: LGPL-2.1-or-later
#include "change/journal_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "change/json.hpp"
#include "codec/document.hpp"
#include "gpupass/error.hpp"
#include "values/lock_names.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kJournalFormat = 1;

void read_begin(Operation& operation, const json& line, const JsonPlace& place) {
  if (!line.contains("format") || line["format"] != kJournalFormat)
    place["format"].malformed(line.value("format", json()), fmt::to_string(kJournalFormat));
  JsonReader reader(line, place);
  reader("time", operation.time);
  reader("boot", operation.boot_id);
  reader("user", operation.user, kAddedLater);
  reader("command", operation.command, kAddedLater);
  reader("hypervisor", operation.hypervisor);
  reader("plan", operation.plan);
  for (std::size_t step = 0; step < operation.plan.steps.size(); ++step) operation.left.insert(step);
}

void read_start(Operation& operation, const json& line, const JsonPlace& place) {
  std::size_t step = 0;
  JsonReader reader(line, place);
  reader("step", step);
  operation.started = std::max(operation.started, std::min(step + 1, operation.plan.steps.size()));
}

/// libvirt rewrites a definition; what it has written is what the step has left.
void read_definition(Operation& operation, const json& entry, const JsonPlace& place) {
  std::size_t step = 0;
  std::string xml;
  JsonReader reader(entry, place);
  reader("step", step);
  reader("xml", xml);
  if (step >= operation.plan.steps.size()) return;
  if (auto* domain = std::get_if<SetDomain>(&operation.plan.steps[step].change)) domain->xml = xml;
}

void read_end(Operation& operation, const json& line, const JsonPlace& place) {
  Outcome outcome{};
  JsonReader reader(line, place);
  reader("outcome", outcome);
  if (line.contains("left")) {
    std::vector<std::size_t> left;
    reader("left", left);
    operation.left = {left.begin(), left.end()};
  }
  if (line.contains("definitions"))
    for (const json& entry : line["definitions"]) read_definition(operation, entry, place["definitions"]);
  operation.outcome = outcome;
}

json record_of(const json& line) {
  return line.is_object() ? line.value("record", json()) : json();
}

void read_line(Operation& operation, const json& line, const JsonPlace& place) {
  const json record = record_of(line);
  operation.outcome.reset();  // The operation still runs, until this line says otherwise.
  if (record == "begin")
    read_begin(operation, line, place);
  else if (record == "start")
    read_start(operation, line, place);
  else if (record == "end")
    read_end(operation, line, place);
  else if (record != "undo")
    place["record"].malformed(record, "one of begin, start, undo, end");
}

/// Takes the first line that is not empty.
std::string_view take_line(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size());
  return line;
}

/// The locks that the first line names. nullopt: it does not tell.
std::optional<std::set<std::string>> subjects_in(std::string_view text) try {
  const JsonPlace place("journal");
  const auto line = json_in(take_line(text), place);
  if (!line || record_of(*line) != "begin") return std::nullopt;
  std::vector<std::string> subjects;
  JsonReader reader(*line, place);
  reader("subjects", subjects);
  return std::set<std::string>(subjects.begin(), subjects.end());
} catch (const Error&) {
  return std::nullopt;
}

/// Whether the text names the device, guest or service that a lock is for, as JSON may spell it.
bool is_named(std::string_view text, const std::string& lock) {
  const json name = name_in_lock(lock);
  return std::ranges::any_of(std::array{true, false}, [&](bool in_ascii) {
    const std::string quoted = name.dump(-1, ' ', in_ascii, json::error_handler_t::ignore);
    return text.find(quoted.substr(1, quoted.size() - 2)) != text.npos;
  });
}

}  // namespace

std::string journal_path(const std::string& id) {
  return fmt::format("{}/{}", kJournalFolder, id);
}

std::optional<std::int64_t> begin_in_name(std::string_view file) {
  if (file.ends_with(kOver)) file.remove_suffix(kOver.size());
  const std::size_t dash = file.find('-');
  if (dash == file.npos || file.find_first_not_of("0123456789-") != file.npos) return std::nullopt;
  if (!parse_number<std::uint64_t>(file.substr(dash + 1))) return std::nullopt;
  return parse_number<std::int64_t>(file.substr(0, dash));
}

bool is_over(Outcome outcome) {
  return outcome != Outcome::RollbackIncomplete && outcome != Outcome::Wedged;
}

std::string journal_begin(const Operation& operation, const std::set<std::string>& subjects) {
  return ordered_json{{"format", kJournalFormat},
                      {"record", "begin"},
                      {"subjects", json_of_value(std::vector<std::string>(subjects.begin(), subjects.end()))},
                      {"time", operation.time},
                      {"boot", operation.boot_id},
                      {"user", operation.user},
                      {"command", operation.command},
                      {"hypervisor", operation.hypervisor},
                      {"plan", json_of_value(operation.plan)}}
      .dump();
}

std::string journal_start(std::size_t step) {
  return ordered_json{{"record", "start"}, {"step", step}}.dump();
}

std::string journal_undo() {
  return ordered_json{{"record", "undo"}}.dump();
}

std::string journal_end(Outcome outcome, const std::vector<std::size_t>& left,
                        const std::map<std::size_t, std::string>& definitions) {
  ordered_json line{{"record", "end"}, {"outcome", json_of_value(outcome)}};
  if (!is_over(outcome)) line["left"] = left;
  for (const auto& [step, xml] : definitions) line["definitions"].push_back({{"step", step}, {"xml", xml}});
  return line.dump();
}

std::optional<Operation> operation_in(const std::string& id, std::string_view text) {
  Operation operation;
  operation.id = id;
  const std::string path = journal_path(id);
  const JsonPlace place(path);
  bool begun = false, goes_on = false;
  while (!text.empty()) {
    const std::string_view content = take_line(text);
    try {
      const auto line = json_in(content, place);
      if (!line) continue;  // It was cut off.
      (record_of(*line) == "begin" ? begun : goes_on) = true;
      read_line(operation, *line, place);
    } catch (const Error& error) {
      goes_on = true;
      if (operation.unreadable.empty()) operation.unreadable = error.what();
    }
  }
  const bool over = operation.outcome && is_over(*operation.outcome);
  if (!begun && (!goes_on || over)) return std::nullopt;
  if (!begun && operation.unreadable.empty())
    operation.unreadable = fmt::format("cannot read {}: saw no beginning, expected one", path);
  return operation;
}

bool ends_as_over(std::string_view text) try {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == text.npos) return true;
  text = text.substr(0, end + 1);
  const JsonPlace place("outcome");
  const auto line = json_in(text.substr(text.rfind('\n') + 1), place);
  if (!line || record_of(*line) != "end") return false;
  Outcome outcome{};
  JsonReader reader(*line, place);
  reader("outcome", outcome);
  return is_over(outcome);
} catch (const Error&) {
  return false;
}

bool may_concern(std::string_view text, const std::set<std::string>& locks) {
  const auto subjects = subjects_in(text);
  return std::ranges::any_of(locks, [&](const std::string& lock) {
    return subjects ? subjects->contains(lock) : is_named(text, lock);
  });
}

}  // namespace gpupass
