// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>

/// The IOMMU that a guest has of its own.
namespace gpupass {

/// As many vCPUs have ids of 8 bits, by which interrupts find them without help.
inline constexpr unsigned kMostPlainVcpus = 255;

/// Whether the ids of some vCPUs take more than 8 bits. There are more ids than vCPUs: each core and each
/// package begins at a power of two. Linux leaves such vCPUs off where interrupts are not remapped
/// (try_to_enable_x2apic() of arch/x86/kernel/apic/apic.c).
bool has_wide_ids(pugi::xml_node domain);

/// The guest's IOMMU; empty: it has none.
pugi::xml_node iommu_of(pugi::xml_node domain);

/// How often the guest's memory is locked for its devices: behind an IOMMU of its own for each of them
/// (qemuDomainGetMemLockLimitBytes() of libvirt).
std::size_t times_locked(pugi::xml_node domain);

/// Whether QEMU refuses the host's devices behind this IOMMU: it has to see what the guest maps
/// (vtd_iommu_notify_flag_changed() of hw/i386/intel_iommu.c).
bool hides_mappings(pugi::xml_node iommu);

}  // namespace gpupass
