// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "policy/check/rules.hpp"
#include "policy/guard/missing_reset.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"

namespace gpupass {

namespace {

/// The kernel may have a reset that was made for the model: device_specific.
bool stays_away(const PciFunction& gpu) {
  return gpu.known_model && !is_virtual(gpu) &&
         std::ranges::find(*gpu.reset_methods, "device_specific") == gpu.reset_methods->end();
}

}  // namespace

/// Says how it can be reset. Of a GPU that is still to be bound, a guard reports what prevents a reset.
void check_reset(const Host& host, const Assessment& assessment, Findings& findings) {
  const PciFunction& gpu = function_at(host, function_of(assessment.device));
  const std::string name = gpu.address.to_string();
  const auto pass = [&](std::string message) {
    findings.push_back({"gpu.reset", Verdict::Pass, name, std::move(message), ""});
  };
  const std::vector<PciAddress> closure = closure_of(host, gpu.address);
  if (gpu.reset_methods.unknown())
    findings.push_back({"gpu.reset", Verdict::Unknown, name,
                        fmt::format("it is not known how {} can be reset: {}", name, gpu.reset_methods.why()),
                        ""});
  else if (auto missing = missing_reset(host, gpu, closure)) {
    if (!is_bound(host, closure)) return;
    missing->verdict = Verdict::Warn;
    findings.push_back(*std::move(missing));
  } else if (stays_away(gpu))
    findings.push_back(
        {"gpu.reset", Verdict::Warn, name,
         fmt::format("{} is one of the models ({}) that are reported not to come back from a reset ({}): {}",
                     name, gpu.known_model->model, fmt::join(*gpu.reset_methods, ", "),
                     gpu.known_model->source),
         gpu.known_model->remedy});
  else if (reset_scope(host, gpu, closure).kind == ResetScope::Kind::Function)
    pass(fmt::format("{} can be reset ({})", name, fmt::join(*gpu.reset_methods, ", ")));
  else
    pass(fmt::format("{} can be reset, with its bus", name));
}

}  // namespace gpupass
