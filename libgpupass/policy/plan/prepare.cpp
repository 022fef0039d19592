// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/plan/preparation.hpp"
#include "policy/prepare/pages.hpp"
#include "policy/prepare/remedies.hpp"
#include "policy/refuse.hpp"

namespace gpupass {

namespace {

constexpr auto kHost = "the host";

void add_once(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

bool is_trouble(const Finding& finding) {
  return finding.verdict == Verdict::Fail || finding.verdict == Verdict::Warn;
}

std::vector<Finding> trouble_of(const Host& host) {
  std::vector<Finding> findings = check(host, gpus_to_check(host).gpus);
  std::erase_if(findings, [](const Finding& finding) { return !is_trouble(finding); });
  return findings;
}

/// The options against one finding that the user names.
std::vector<std::string> options_to_mend(const Host& host, const std::vector<Finding>& trouble,
                                         const std::string& id) {
  const std::vector<std::string> mendable = mendable_findings();
  if (std::ranges::find(mendable, id) == mendable.end())
    throw Error(ErrorCode::Usage, id,
                fmt::format("cannot mend {}: expected one of {}", id, fmt::join(mendable, ", ")),
                "gpupass check --explain says what mends each finding");
  const auto found = std::ranges::find(trouble, id, &Finding::id);
  if (found == trouble.end()) return {};
  std::vector<std::string> options = options_against(host, id);
  if (options.empty()) refuse("mend", id, "no option of the kernel does it on this host", found->remedy);
  return options;
}

/// The options against all that is in the way, and what the user is told of the rest.
std::vector<std::string> options_for_guests(const Host& host, const std::vector<Finding>& trouble) {
  std::vector<std::string> options;
  for (const std::string& id : mendable_findings())
    if (std::ranges::find(trouble, id, &Finding::id) != trouble.end())
      add_once(options, options_against(host, id));
  add_once(options, pass_through_option(host, options));
  return options;
}

}  // namespace

Plan plan_prepare(const Host& host, const PrepareRequest& request) {
  expect_asked(host, needs(Verb::Prepare), "prepare", kHost);
  Preparation wanted = known_preparation(host, "prepare");
  const std::vector<Finding> trouble = trouble_of(host);
  for (const std::string& id : request.fix)
    add_once(wanted.kernel_options, options_to_mend(host, trouble, id));
  if (request.fix.empty()) {
    add_once(wanted.kernel_options, options_for_guests(host, trouble));
    add_once(wanted.modules, {"vfio-pci"});
  }
  if (request.guests) wanted.pages = pages_for(host, *request.guests);
  Plan plan = plan_preparation(host, wanted, request.pages_now);
  const auto iommu = std::ranges::find(trouble, "iommu.disabled", &Finding::id);
  if (iommu != trouble.end() && options_against(host, iommu->id).empty())
    plan.notes.push_back("no GPU can be given away before this is done: " + iommu->remedy);
  return plan;
}

Plan plan_prepare_undo(const Host& host) {
  expect_asked(host, needs(Verb::Prepare), "prepare", kHost);
  return plan_preparation(host, {}, PagesNow::Reserve);
}

}  // namespace gpupass
