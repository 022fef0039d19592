// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string>
#include <utility>

#include "policy/check/rules.hpp"
#include "policy/guard/claims.hpp"
#include "policy/plan/quiesce.hpp"
#include "values/card.hpp"

namespace gpupass {

/// Of one that was bound by other means, or under another kernel.
void check_vfio_driver(const Host& host, const Assessment& assessment, Findings& findings) {
  const PciFunction& gpu = function_at(host, function_of(assessment.device));
  const std::string driver = vfio_driver_of(gpu), name = gpu.address.to_string();
  if (!gpu.driver || *gpu.driver != kVfioDriver || driver == kVfioDriver) return;
  findings.push_back(
      {"gpu.vfio-driver", Verdict::Warn, name,
       fmt::format("{} is on vfio-pci, but {} is made for it: a guest misses what that gives", name, driver),
       fmt::format("gpupass release {0}, then gpupass bind {0}", name)});
}

/// Those that bind stops by itself.
void check_services(const Host& host, const Assessment& assessment, Findings& findings) {
  const PciAddress gpu = function_of(assessment.device);
  for (const std::string& unit : quiet_for(host, closure_of(host, gpu), {}).services)
    findings.push_back({"gpu.watched", Verdict::Pass, gpu.to_string(),
                        fmt::format("{} has it open: bind stops it temporarily", unit), ""});
}

void check_claims(const Host& host, const Assessment& assessment, Findings& findings) {
  const PciAddress gpu = function_of(assessment.device);
  for (const PciAddress member : assessment.functions)
    for (Finding& claim : claims_on(host, function_at(host, member)))
      if (member == gpu || claim.verdict != Verdict::Unknown) findings.push_back(std::move(claim));
}

}  // namespace gpupass
