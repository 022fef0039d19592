// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <cstdint>

#include "policy/check/rules.hpp"
#include "policy/guard/iommu_remedy.hpp"

namespace gpupass {

void check_iommu(const Host& host, Findings& findings) {
  if (!host.iommu) {
    findings.push_back({"iommu.active", Verdict::Unknown, "host",
                        "it is not known whether an IOMMU is active" +
                            (host.iommu.unknown() ? ": " + host.iommu.why() : std::string()),
                        ""});
    return;
  }
  if (host.iommu->units.empty())
    findings.push_back({"iommu.active", Verdict::Fail, "host",
                        "no IOMMU is active: nothing confines the DMA of a device", iommu_remedy(host)});
  else
    findings.push_back({"iommu.active", Verdict::Pass, "host",
                        fmt::format("{} IOMMU{} active", host.iommu->units.size(),
                                    host.iommu->units.size() == 1 ? " is" : "s are"),
                        ""});
}

void check_interrupts(const Host& host, Findings& findings) {
  if (!host.iommu) return;
  const Fact<bool>& remapping = host.iommu->interrupt_remapping;
  if (host.iommu->units.empty() || !remapping) return;
  if (*remapping)
    findings.push_back({"iommu.interrupts", Verdict::Pass, "host", "interrupts are remapped", ""});
  else if (host.iommu->unsafe_interrupts.value_or(false))
    findings.push_back({"iommu.interrupts", Verdict::Warn, "host",
                        "interrupts are not remapped, and VFIO is set to allow that: a guest can raise the "
                        "interrupts of others",
                        remapping_remedy(host)});
}

void check_address_bits(const Host& host, Findings& findings) {
  if (!host.iommu || !host.iommu->address_bits || !host.cpu_address_bits) return;
  const unsigned iommu = *host.iommu->address_bits, cpu = *host.cpu_address_bits;
  if (iommu >= cpu)
    findings.push_back({"iommu.narrow", Verdict::Pass, "host",
                        fmt::format("the IOMMU translates all {} bits of the CPUs' addresses", cpu), ""});
  else
    findings.push_back(
        {"iommu.narrow", Verdict::Warn, "host",
         fmt::format("the IOMMU translates {} bits of address, and the CPUs have {}: memory and "
                     "cards of a guest must lie below {} GiB",
                     iommu, cpu, std::uint64_t{1} << (iommu - 30)),
         "gpupass place keeps guests below that; QEMU fails to start others"});
}

}  // namespace gpupass
