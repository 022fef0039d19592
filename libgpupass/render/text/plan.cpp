// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "change/change.hpp"
#include "gpupass/render.hpp"
#include "render/text/report.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

/// What a step changes in the definition that a guest has: a unified diff without secrets.
std::string difference(const Step& step) {
  const auto* now = std::get_if<SetDomain>(&step.change);
  const auto* before = step.undo ? std::get_if<SetDomain>(&*step.undo) : nullptr;
  if (!now || !before || !now->xml || !before->xml) return {};
  return render_diff(now->name + ", now", *before->xml, now->name + ", then", *now->xml);
}

}  // namespace

std::string render_plan(const Plan& plan, const std::string& outlook) {
  if (plan.steps.empty()) return "nothing to do\n" + render_notes(plan);
  std::string text;
  std::size_t number = 0;
  for (const Step& step : plan.steps) {
    text += fmt::format("{:>2}. {}\n", ++number, printable(step.summary));
    text += fmt::format("      because {}\n", printable(step.reason));
    text += fmt::format("      undo: {}\n", step.undo ? printable(words_for(*step.undo)) : "none");
    text += indented(difference(step), 6);
  }
  if (!outlook.empty()) text += "then: " + printable(outlook) + '\n';
  return text + render_notes(plan);
}

std::string render_notes(const Plan& plan) {
  std::string text;
  for (const std::string& note : plan.notes) text += "note: " + printable(note) + '\n';
  return text;
}

std::string render_report(const Report& report) {
  if (report.outcome == Outcome::Already && report.steps.empty()) return "nothing to do\n";
  Table table;
  for (const StepResult& step : report.steps)
    table.add({printable(step.summary), printable(words_for(step))});
  return table.to_string() + std::string(words_for(report.outcome)) + '\n';
}

}  // namespace gpupass
