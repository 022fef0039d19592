// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/prepare/remedies.hpp"

#include <algorithm>
#include <array>

#include "policy/guard/iommu_remedy.hpp"
#include "policy/guard/kernel_option.hpp"

namespace gpupass {

namespace {

using Options = std::vector<std::string>;

Options against_no_iommu(const Host& host) {
  const bool helps = host.iommu && host.iommu->units.empty() && option_switches_iommu_on(host);
  return helps ? Options{"intel_iommu=on"} : Options{};
}

/// Unless the user has a word about it.
Options against_no_addresses(const Host& host) {
  const auto says = [](const std::string& part) { return part.starts_with("realloc"); };
  return std::ranges::any_of(pci_options(host), says) ? Options{} : Options{"pci=realloc"};
}

struct Remedy {
  std::string_view finding;
  Options (*options)(const Host& host);
};

constexpr std::array<Remedy, 2> kRemedies = {
    {{"gpu.no-addresses", against_no_addresses}, {"iommu.disabled", against_no_iommu}}};

bool concerns_pass_through(const std::string& option) {
  return option.starts_with("iommu=") || option.starts_with("iommu.passthrough=");
}

}  // namespace

std::vector<std::string> mendable_findings() {
  std::vector<std::string> findings;
  for (const Remedy& remedy : kRemedies) findings.emplace_back(remedy.finding);
  return findings;
}

std::vector<std::string> options_against(const Host& host, std::string_view finding) {
  const auto remedy = std::ranges::find(kRemedies, finding, &Remedy::finding);
  return remedy == kRemedies.end() ? Options{} : remedy->options(host);
}

/// Documentation/admin-guide/kernel-parameters.txt of Linux: iommu=pt is of x86.
std::vector<std::string> pass_through_option(const Host& host, const std::vector<std::string>& added) {
  if (!host.iommu || (host.iommu->units.empty() && added.empty())) return {};
  if (std::ranges::any_of(host.iommu->kernel_options, concerns_pass_through)) return {};
  const std::string architecture = host.architecture.value_or("");
  if (architecture == "x86_64") return {"iommu=pt"};
  return architecture == "aarch64" ? Options{"iommu.passthrough=1"} : Options{};
}

}  // namespace gpupass
