// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/candidate.hpp"
#include "policy/guard/iommu_remedy.hpp"

namespace gpupass {

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
