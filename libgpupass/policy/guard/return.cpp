// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "policy/guard/candidate.hpp"
#include "policy/guard/iommu_remedy.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "values/text.hpp"

namespace gpupass {

/// A guest leaves its state in the card. Without a reset the next guest, or the host's driver, finds it.
void guard_reset(Candidate& candidate) {
  const PciFunction& gpu = candidate.gpu();
  const std::string name = gpu.address.to_string();
  switch (const ResetScope scope = reset_scope(candidate.host(), gpu); scope.kind) {
    case ResetScope::Kind::None:
      return candidate.protect(gpu.address, "gpu.reset",
                               fmt::format("{} cannot be reset: it may not come back from a guest", name),
                               "plan for a reboot of the host");
    case ResetScope::Kind::Wider:
      return candidate.protect(gpu.address, "gpu.reset",
                               fmt::format("{} can be reset only together with {}, which stays with the host",
                                           name, addresses_text(scope.others)),
                               scope.others.front().same_slot(gpu.address)
                                   ? "they are parts of one chip: plan for a reboot of the host"
                                   : "put the card into a slot of its own");
    case ResetScope::Kind::Unknown:
    case ResetScope::Kind::Function:
    case ResetScope::Kind::Closure:
      return;
  }
}

/// Without remapping a guest can raise the interrupts of others, so VFIO refuses.
void guard_interrupts(Candidate& candidate) {
  const Fact<Iommu>& iommu = candidate.host().iommu;
  if (!iommu || iommu->units.empty() || !iommu->interrupt_remapping || *iommu->interrupt_remapping) return;
  if (iommu->unsafe_interrupts.value_or(false)) return;
  candidate.fail("iommu.interrupts",
                 "interrupts are not remapped: a guest could raise those of others, and VFIO refuses",
                 remapping_remedy(candidate.host()));
}

}  // namespace gpupass
