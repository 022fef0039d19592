// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <string_view>

#include "gpupass/policy.hpp"
#include "policy/guard/guards.hpp"

namespace gpupass {

namespace {

/// What a finding that forbids stands for.
Obstacle obstacle_of(const Finding& finding) {
  static const std::map<std::string_view, Obstacle> kObstacles = {
      {kWedgedGpu, Obstacle::Reboot},
      {"iommu.active", Obstacle::Iommu},
      {"iommu.disabled", Obstacle::Iommu},
      {"iommu.interrupts", Obstacle::Iommu},
      {"group.missing", Obstacle::Iommu},
      {"gpu.no-addresses", Obstacle::Firmware},
      {"group.reserved-memory", Obstacle::Firmware},
      {"gpu.reset", Obstacle::Reset},
      {"group.foreign-member", Obstacle::Group},
      {"gpu.has-mdevs", Obstacle::Slices},
      {"gpu.has-vfs", Obstacle::Slices},
      {"gpu.assigned", Obstacle::Guest},
      {"gpu.held", Obstacle::Use},
      {"gpu.in-use", Obstacle::Use},
      {"device.default-route", Obstacle::Use},
      {"device.disk-in-use", Obstacle::Use},
      {"device.disk-wanted", Obstacle::Use},
      {"device.last-keyboard", Obstacle::Use},
      {"device.network-up", Obstacle::Use},
  };
  if (is_of_display(finding)) return Obstacle::Screen;
  const auto known = kObstacles.find(finding.id);
  return known == kObstacles.end() ? Obstacle::Other : known->second;
}

}  // namespace

Readiness readiness(const std::vector<PciAddress>& gpus, const std::vector<Finding>& findings) {
  Readiness result{gpus.size(), {}};
  for (const PciAddress gpu : gpus) {
    bool assignable = false;
    Obstacle hardest = Obstacle::Unknown;
    for (const Finding& finding : findings) {
      const bool of_gpu = finding.subject == gpu.to_string();
      assignable |= of_gpu && finding.id == "gpu.assignable" && finding.verdict == Verdict::Pass;
      if (finding.verdict == Verdict::Fail && (of_gpu || finding.subject == "host"))
        hardest = std::min(hardest, obstacle_of(finding));
    }
    if (!assignable || hardest != Obstacle::Unknown) result.obstacles.push_back(hardest);
  }
  return result;
}

}  // namespace gpupass
