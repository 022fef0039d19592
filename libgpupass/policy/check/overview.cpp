// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/check/trouble.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Findings = std::vector<Finding>;

bool is_bad(const Finding& finding) {
  return finding.verdict == Verdict::Fail || finding.verdict == Verdict::Warn;
}

/// A GPU that its driver does not release needs somebody, too.
std::optional<Finding> need_of(const Host& host, const Assessment& gpu) {
  const auto wedged = std::ranges::find(gpu.reasons, kWedgedGpu, &Finding::id);
  if (gpu.state == GpuState::Wedged && wedged != gpu.reasons.end()) return *wedged;
  return trouble_of(host, gpu);
}

std::string next_for(const Assessment& gpu) {
  const std::string name = gpu.device.to_string();
  if (gpu.state == GpuState::Assigned) return "gpupass take " + shell_word(gpu.domain) + " " + name;
  if (gpu.state == GpuState::Wedged) return "reboot";
  if (gpu.assignable != Answer::Yes) return "gpupass check " + name;
  return "gpupass give " + (gpu.wanted_by.size() == 1 ? shell_word(gpu.wanted_by.front()) : "VM") + " " +
         name;
}

Finding interrupted_finding(const Operation& operation) {
  return {"operation.interrupted", Verdict::Fail, operation.id,
          fmt::format("operation {} was interrupted, or cannot be read", operation.id),
          "gpupass recover finishes it or takes it back"};
}

/// The worst first.
void sort_by_weight(Findings& findings) {
  std::ranges::stable_sort(findings, {},
                           [](const Finding& finding) { return finding.verdict != Verdict::Fail; });
}

}  // namespace

Selection gpus_to_check(const Host& host) {
  Selection shown, others;
  for (const Assessment& gpu : assess(host)) {
    const auto address = gpu.device.function();
    if (!address) continue;
    const auto screen = std::ranges::find_if(gpu.reasons, is_of_display);
    Selection& selection = screen == gpu.reasons.end() ? others : shown;
    selection.gpus.push_back(*address);
    if (screen != gpu.reasons.end()) others.passed_over.push_back(*screen);
  }
  return others.gpus.empty() ? Selection{shown.gpus, {}} : others;
}

Overview overview(const Host& host, const Fact<std::vector<Operation>>& interrupted) {
  Overview result;
  const Findings of_host = check(host, {});
  const auto active = std::ranges::find(of_host, "iommu.active", &Finding::id);
  if (active != of_host.end() && active->verdict != Verdict::Unknown)
    result.ready = active->verdict == Verdict::Pass ? Answer::Yes : Answer::No;
  std::ranges::copy_if(of_host, std::back_inserter(result.needs), is_bad);
  for (const Operation& operation : interrupted.value_or({}))
    result.needs.push_back(interrupted_finding(operation));
  std::vector<Overview::Gpu> others, screens;
  for (const Assessment& gpu : assess(host)) {
    const auto need = need_of(host, gpu);
    if (need) result.needs.push_back(*need);
    const bool screen = std::ranges::any_of(gpu.reasons, is_of_display);
    (need ? result.gpus : screen ? screens : others).push_back({gpu, next_for(gpu)});
  }
  for (auto* gpus : {&others, &screens}) std::ranges::move(*gpus, std::back_inserter(result.gpus));
  sort_by_weight(result.needs);
  return result;
}

}  // namespace gpupass
