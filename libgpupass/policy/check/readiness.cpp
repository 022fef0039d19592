// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <string_view>

#include "gpupass/policy.hpp"
#include "policy/guard/guards.hpp"
#include "values/card.hpp"

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
      {"group.idle-member", Obstacle::Group},
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

Readiness readiness(const Host& host, const std::vector<Finding>& findings) {
  struct Known {
    bool assignable = false;
    Obstacle obstacle = Obstacle::Unknown;  // The hardest so far.
  };
  std::map<PciAddress, Known> gpus;
  Obstacle of_host = Obstacle::Unknown;
  for (const Finding& finding : findings) {
    if (finding.subject == "host" && finding.verdict == Verdict::Fail)
      of_host = std::min(of_host, obstacle_of(finding));
    const auto address = PciAddress::parse(finding.subject);
    const PciFunction* function = address ? find_function(host, *address) : nullptr;
    if (!function || !is_gpu(*function)) continue;
    Known& gpu = gpus[*address];
    gpu.assignable |= finding.id == "gpu.assignable" && finding.verdict == Verdict::Pass;
    if (finding.verdict == Verdict::Fail) gpu.obstacle = std::min(gpu.obstacle, obstacle_of(finding));
  }
  Readiness result{gpus.size(), {}};
  for (const auto& [address, gpu] : gpus) {
    const Obstacle hardest = std::min(of_host, gpu.obstacle);
    if (!gpu.assignable || hardest != Obstacle::Unknown) result.obstacles.push_back(hardest);
  }
  return result;
}

}  // namespace gpupass
