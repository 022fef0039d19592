// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "change/change.hpp"
#include "gpupass/render.hpp"
#include "render/text/folded.hpp"
#include "render/text/report.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "values/text.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

/// The lines of a difference, cut where a terminal ends, unless the view is verbose.
std::string cut(const std::string& lines, const View& view) {
  if (view.columns == 0 || view.verbose) return lines;
  std::string text;
  for (const std::string_view line : lines_of(lines))
    text += shortened(std::string(line), view.columns) + '\n';
  return text;
}

/// What a step changes in the definition that a guest has: a unified diff without secrets.
std::string difference(const Step& step) {
  const auto* now = std::get_if<SetDomain>(&step.change);
  const auto* before = step.undo ? std::get_if<SetDomain>(&*step.undo) : nullptr;
  if (!now || !before || !now->xml || !before->xml) return {};
  return render_diff(now->name + ", now", *before->xml, now->name + ", then", *now->xml);
}

/// The most steps of a plan of which each gets a line of its own.
constexpr std::size_t kFewSteps = 12;
constexpr std::size_t kSummary = 4, kDeeper = 6;  // Where the lines of a step begin.

/// "because ..." of a step that the user did not name himself.
std::string reason_of(const Step& step, const View& view) {
  const bool asked = step.reason == kAskedFor;
  if (step.reason.empty() || (asked && !view.verbose)) return {};
  return std::string(kDeeper, ' ') + wrapped("because " + printable(step.reason), view, kDeeper, kDeeper) +
         '\n';
}

std::string numbered(std::size_t number, const std::string& text, const View& view) {
  return fmt::format("{:>2}. {}\n", number, wrapped(printable(text), view, kSummary, kSummary));
}

std::string every_step(const Plan& plan, const View& view) {
  std::string text;
  std::size_t number = 0;
  for (const Step& step : plan.steps) {
    text += numbered(++number, step.summary, view) + reason_of(step, view);
    if (view.verbose) {
      const std::string undo = step.undo ? printable(words_for(*step.undo)) : "none";
      text += std::string(kDeeper, ' ') + wrapped("undo: " + undo, view, kDeeper, kDeeper) + '\n';
    }
    text += cut(indented(difference(step), kDeeper), view);
  }
  return text;
}

/// What is done to many functions alike is said once.
std::string folded_steps(const Plan& plan, const View& view) {
  std::string text;
  std::size_t number = 0;
  for (const FoldedSteps& one : folded(plan)) {
    if (one.functions.empty()) {
      text += numbered(++number, one.summaries.front(), view) + reason_of(*one.first, view) +
              cut(indented(difference(*one.first), kDeeper), view);
      continue;
    }
    text += numbered(++number, fmt::format("{} functions, {}:", one.functions.size(), joined(one.functions)),
                     view);
    for (const std::string& summary : one.summaries)
      text += std::string(kDeeper, ' ') + wrapped(printable(summary), view, kDeeper + 2, kDeeper) + '\n';
  }
  return text +
         fmt::format("These are {} steps; -v prints each with its reason and its undo.\n", plan.steps.size());
}

}  // namespace

std::string render_plan(const Plan& plan, const std::string& outlook, const View& view) {
  if (plan.steps.empty()) return "nothing to do\n" + render_notes(plan, view);
  const bool fold = !view.verbose && plan.steps.size() > kFewSteps;
  std::string text = fold ? folded_steps(plan, view) : every_step(plan, view);
  if (!outlook.empty()) text += wrapped("then: " + printable(outlook), view, 6) + '\n';
  return text + render_notes(plan, view);
}

std::string render_notes(const Plan& plan, const View& view) {
  std::string text;
  for (const std::string& note : plan.notes) text += wrapped("note: " + printable(note), view, 6) + '\n';
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
