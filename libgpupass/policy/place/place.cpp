// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/policy.hpp"
#include "policy/place/gpu.hpp"
#include "policy/place/nearest_fit.hpp"
#include "policy/place/placement_of.hpp"
#include "policy/place/problem.hpp"
#include "policy/place/reasons.hpp"
#include "policy/place/refusal.hpp"
#include "policy/settings.hpp"

namespace gpupass {

Placement place(const Host& host, const Request& asked) {
  const Request request = with_defaults(host, asked);
  check_request(request);
  const FreeResources resources = free_resources(host, request);
  Problem problem = problem_of(request, gpus_wanted(request, resources));
  Solver solver(resources);
  Solved solved = solver.solve(problem);
  std::string fewer;
  if (!solved.best && !request.vcpus && request.cells.empty())
    if (const auto vcpus = fewer_vcpus(solver, problem)) {
      fewer = fmt::format("{} vCPUs, as there is no room for {}", *vcpus, problem.guest_needs.vcpus);
      problem.guest_needs.vcpus = *vcpus;
      solved = solver.solve(problem);
    }
  if (!solved.best)
    throw solved.proven ? refusal(host, request, solver, problem) : not_known(request, problem);
  Placement placement = placement_of(resources, *solved.best);
  placement.reasons = reasons_for(host, resources, problem, *solved.best);
  if (!fewer.empty()) placement.reasons.push_back(fewer);
  if (!solved.proven) {
    placement.gap = gap_of(solved);
    placement.reasons.push_back(gap_reason(*placement.gap));
  }
  for (const Finding& warning : warnings_of(host, request, placement))
    placement.reasons.push_back(warning.message + (warning.remedy.empty() ? "" : ": ") + warning.remedy);
  return placement;
}

}  // namespace gpupass
