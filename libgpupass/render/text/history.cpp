// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/json/json.hpp"
#include "render/text/text.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

/// In UTC, because the reader may be elsewhere.
std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  if (seconds < 0 || seconds > kYear9999) return "?";
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string outcome_text(const Operation& operation) {
  if (!operation.unreadable.empty()) return "unreadable";
  return operation.outcome ? std::string(to_string(*operation.outcome)) : "interrupted";
}

/// "done", "interrupted, 2 of 5 steps begun".
std::string end_of(const Operation& operation) {
  const std::size_t steps = operation.plan.steps.size();
  const std::string outcome = outcome_text(operation);
  if (operation.started == steps || !operation.unreadable.empty()) return outcome;
  return fmt::format("{}, {} of {} steps begun", outcome, operation.started, steps);
}

std::string block_of(const Operation& operation) {
  std::string text = fmt::format("{}  {}  {}\n", printable(operation.id),
                                 operation.time == 0 ? "?" : time_text(operation.time), end_of(operation));
  if (!operation.command.empty())
    text += fmt::format("    {}: {}\n", operation.user.empty() ? "?" : printable(operation.user),
                        printable(operation.command));
  if (!operation.unreadable.empty()) return text + "    " + printable(operation.unreadable) + '\n';
  for (const Step& step : operation.plan.steps) text += "  - " + printable(step.summary) + '\n';
  return text;
}

}  // namespace

std::string render_history(const std::vector<Operation>& operations) {
  std::string text;
  for (const Operation& operation : operations) text += block_of(operation);
  return text.empty() ? "nothing was changed yet\n" : text;
}

std::string render_history_json(const std::vector<Operation>& operations) {
  Json json = document();
  json["operations"] = Json::array();
  for (const Operation& operation : operations) {
    Json steps = Json::array();
    for (const Step& step : operation.plan.steps)
      steps.push_back({{"summary", step.summary}, {"reason", step.reason}});
    json["operations"].push_back({{"id", operation.id},
                                  {"time", operation.time},
                                  {"boot", operation.boot_id},
                                  {"user", json_or_null(operation.user)},
                                  {"command", json_or_null(operation.command)},
                                  {"outcome", outcome_text(operation)},
                                  {"begun", operation.started},
                                  {"steps", std::move(steps)}});
    if (!operation.unreadable.empty()) json["operations"].back()["unreadable"] = operation.unreadable;
  }
  return dumped(json);
}

}  // namespace gpupass
