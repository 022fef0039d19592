// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What the kernel says about its IOMMU.
/// Reads: /sys/class/iommu, /sys/firmware/acpi/tables, /proc/interrupts, /proc/cmdline.
Fact<Iommu> read_iommu(const System& system, Limits& limits);

/// The tokens of a kernel command line that concern the IOMMU or VFIO, in order.
std::vector<std::string> iommu_options(std::string_view command_line);

/// The interrupt chips of /proc/interrupts, ascending, each once: "IO-APIC", "IR-PCI-MSI".
std::vector<std::string> interrupt_chips(std::string_view interrupts);

}  // namespace gpupass
