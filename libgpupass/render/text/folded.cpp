// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/folded.hpp"

#include <algorithm>

#include "change/change.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

/// What is done, and to which functions.
struct Deed {
  const Step* first = nullptr;
  std::string summary;
  std::vector<PciAddress> functions;
};

std::vector<Deed> deeds_of(const Plan& plan) {
  std::vector<Deed> deeds;
  for (const Step& step : plan.steps) {
    const std::optional<PciAddress> function = function_of(step.change);
    const std::string summary = function ? renamed(step.summary, function->to_string(), "it") : step.summary;
    const auto same = std::ranges::find_if(deeds, [&](const Deed& deed) {
      return function && !deed.functions.empty() && deed.summary == summary;
    });
    if (same != deeds.end())
      same->functions.push_back(*function);
    else
      deeds.push_back({&step, summary, function ? std::vector{*function} : std::vector<PciAddress>()});
  }
  return deeds;
}

}  // namespace

std::vector<FoldedSteps> folded(const Plan& plan) {
  std::vector<FoldedSteps> result;
  for (Deed& deed : deeds_of(plan)) {
    const bool several = deed.functions.size() > 1;
    const auto same = std::ranges::find_if(
        result, [&](const FoldedSteps& one) { return several && one.functions == deed.functions; });
    if (same != result.end()) {
      same->summaries.push_back(deed.summary);
    } else if (several) {
      result.push_back({deed.first, {deed.summary}, deed.functions});
    } else {
      result.push_back({deed.first, {deed.first->summary}, {}});
    }
  }
  return result;
}

}  // namespace gpupass
