// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// The findings of check() that options of the kernel can mend, ascending.
std::vector<std::string> mendable_findings();

/// The options that mend a finding on this host. Empty: none does, as far as is known.
std::vector<std::string> options_against(const Host& host, std::string_view finding);

/// The option with which devices of the host itself pay nothing for an IOMMU that confines those of guests.
/// Empty: the kernel has it, or another word of the user's about that, or no IOMMU will be on.
std::vector<std::string> pass_through_option(const Host& host, const std::vector<std::string>& added);

}  // namespace gpupass
