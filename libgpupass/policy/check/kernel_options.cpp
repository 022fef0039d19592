// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "policy/check/rules.hpp"
#include "policy/guard/kernel_option.hpp"
#include "policy/isolation/acs_override.hpp"

namespace gpupass {

/// The kernel takes the option's word for it, and so does every group.
void check_acs_override(const Host& host, Findings& findings) {
  if (const auto option = acs_override(host))
    findings.push_back(
        {"iommu.acs-override", Verdict::Warn, "host",
         fmt::format("the kernel runs with {}: its groups are as if ports had the ACS that they lack, and "
                     "devices of different groups may reach each other's memory",
                     *option),
         boot_without(host, *option) + ", and give away what shares a group then together"});
}

}  // namespace gpupass
