// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/policy.hpp"
#include "policy/place/gpu.hpp"
#include "policy/place/placement_of.hpp"
#include "policy/place/problem.hpp"
#include "policy/place/reasons.hpp"
#include "policy/place/refusal.hpp"

namespace gpupass {

Placement place(const Host& host, const Request& request) {
  check_request(request);
  const FreeResources resources = free_resources(host, request);
  const Problem problem = problem_of(request, gpus_wanted(request, resources));
  Misfits misfits;
  const auto solution = solve(resources, problem, &misfits);
  if (!solution) throw refusal(host, request, resources, problem, misfits);
  Placement placement = placement_of(resources, *solution);
  placement.reasons = reasons_for(host, resources, problem, *solution);
  for (const Finding& warning : warnings_of(host, request, placement))
    placement.reasons.push_back(warning.message + ": " + warning.remedy);
  return placement;
}

}  // namespace gpupass
