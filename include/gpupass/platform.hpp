// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/fact.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// What the host needs to run guests with devices, beside its IOMMU. Absent: the machine does not tell, as
/// many captured ones.
struct Platform {
  Fact<bool> cpu_virtualization;  ///< The CPUs offer VT-x or AMD-V, and the firmware lets them.
  Fact<bool> virtual_machine;     ///< The host is itself a guest.
  Fact<bool> kvm;                 ///< The kernel runs guests on the CPUs: /dev/kvm.
  Fact<bool> vfio_pci;            ///< The driver is loaded, or the kernel has it as a module.
  Fact<bool> vfio_container;      ///< /dev/vfio/vfio, by which QEMU gets IOMMU groups.
  Fact<bool> iommufd;             ///< /dev/iommu, by which newer programs get devices.
  Fact<std::string> lockdown;     ///< "none", "integrity", "confidentiality".
  friend bool operator==(const Platform&, const Platform&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
