// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// "boot with intel_iommu=on (grubby --update-kernel=ALL --args=intel_iommu=on)": how, where the host tells.
std::string boot_with(const Host& host, std::string_view option);
/// The same of an option by which plan_prepare() mends a finding.
std::string boot_with(const Host& host, std::string_view option, std::string_view finding);
/// "take intel_iommu=off off the kernel's command line", in the same way.
std::string boot_without(const Host& host, std::string_view option);

/// Whether gpupass itself adds options at boot: where GRUB reads a file for each who has some.
bool writes_kernel_options(const Host& host);

/// The parts of the kernel's option pci=, "realloc", "disable_acs_redir=0000:80:01.0". Empty too where the
/// options are not known.
std::vector<std::string> pci_options(const Host& host);

}  // namespace gpupass
