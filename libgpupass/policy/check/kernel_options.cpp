// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string>

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

/// Documentation/admin-guide/kernel-parameters.txt of Linux: they let devices reach each other on purpose,
/// for GPUs of one owner.
void check_acs_lowered(const Host& host, Findings& findings) {
  if (!host.iommu) return;
  for (const std::string& value : pci_options(host))
    if (value.starts_with("disable_acs_redir=") || value.starts_with("config_acs="))
      findings.push_back(
          {"iommu.acs-lowered", Verdict::Warn, "host",
           fmt::format("the kernel runs with pci={}: at these ports devices may reach each other "
                       "past the IOMMU",
                       value),
           boot_without(host, "pci=" + value) + " before guests of several owners share the host"});
}

/// The same document has no such option; the IOMMU of AMD is on by itself.
void check_option_ignored(const Host& host, Findings& findings) {
  if (!host.iommu) return;
  for (const std::string& option : host.iommu->kernel_options) {
    const bool foreign = option.starts_with("intel_iommu=") && host.cpu_vendor.value_or("") == "AuthenticAMD";
    if (option != "amd_iommu=on" && !foreign) continue;
    findings.push_back(
        {"iommu.option-ignored", Verdict::Pass, "host",
         fmt::format("{} has no effect: {}", option,
                     foreign ? "the CPUs are AMD's" : "the IOMMU of AMD is on unless it is switched off"),
         ""});
  }
}

}  // namespace gpupass
