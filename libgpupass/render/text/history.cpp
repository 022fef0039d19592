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

}  // namespace

std::string render_history(const std::vector<Operation>& operations) {
  Table table;
  table.add({"TIME", "OUTCOME", "BEGUN", "STEPS"});
  for (const Operation& operation : operations) {
    const auto& steps = operation.plan.steps;
    std::vector<std::string> row{time_text(operation.time), outcome_text(operation),
                                 fmt::format("{} of {}", operation.started, steps.size()), ""};
    if (!operation.unreadable.empty()) {
      table.add({operation.time == 0 ? "?" : time_text(operation.time), outcome_text(operation), "?",
                 printable(operation.id + ": " + operation.unreadable)});
      continue;
    }
    for (const Step& step : steps) {
      row.back() = printable(step.summary);
      table.add(row);
      row.assign(4, "");
    }
  }
  return table.to_string();
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
                                  {"outcome", outcome_text(operation)},
                                  {"begun", operation.started},
                                  {"steps", std::move(steps)}});
    if (!operation.unreadable.empty()) json["operations"].back()["unreadable"] = operation.unreadable;
  }
  return dumped(json);
}

}  // namespace gpupass
