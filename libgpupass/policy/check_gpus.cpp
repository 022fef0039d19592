// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gpupass/policy.hpp"
#include "policy/card.hpp"
#include "policy/closure.hpp"
#include "policy/text.hpp"

namespace gpupass {

namespace {

using Findings = std::vector<Finding>;

void check_iommu(const Host& host, Findings& findings) {
  if (!host.iommu) {
    findings.push_back({"iommu.active", Verdict::Unknown, "host",
                        "whether an IOMMU is active is not known" +
                            (host.iommu.unknown() ? ": " + host.iommu.why() : std::string()), ""});
    return;
  }
  if (host.iommu->units.empty())
    findings.push_back({"iommu.active", Verdict::Fail, "host", "no IOMMU is active: nothing confines the DMA of a device",
                        "switch VT-d or AMD-Vi on in the firmware's setup"});
  else
    findings.push_back({"iommu.active", Verdict::Pass, "host",
                        fmt::format("{} IOMMU{} active", host.iommu->units.size(), host.iommu->units.size() == 1 ? " is" : "s are"), ""});
  const Fact<bool>& remapping = host.iommu->interrupt_remapping;
  if (host.iommu->units.empty() || !remapping) return;
  if (*remapping)
    findings.push_back({"iommu.interrupts", Verdict::Pass, "host", "interrupts are remapped", ""});
  else
    findings.push_back({"iommu.interrupts", Verdict::Warn, "host",
                        "interrupts are not remapped: a guest can raise those of others, and VFIO refuses",
                        "switch interrupt remapping on in the firmware's setup, or x2apic"});
}

/// What resets a single function; "bus" resets all that is below one bridge.
bool resets_one_function(const std::string& method) {
  constexpr std::array<std::string_view, 5> kOwn = {"device_specific", "acpi", "flr", "af_flr", "pm"};
  return std::ranges::find(kOwn, method) != kOwn.end();
}

/// A guest leaves its state in the card: without a reset the next one, or the host's driver, finds it.
void check_reset(const Host& host, const PciFunction& gpu, Findings& findings) {
  const std::string name = gpu.address.to_string();
  if (gpu.reset_methods.unknown()) {
    findings.push_back({"gpu.reset", Verdict::Unknown, name,
                        fmt::format("how {} can be reset is not known: {}", name, gpu.reset_methods.why()), ""});
    return;
  }
  if (!gpu.reset_methods.asked()) return;
  const std::vector<std::string> methods = gpu.reset_methods.value_or({});
  if (std::ranges::any_of(methods, resets_one_function)) {
    findings.push_back({"gpu.reset", Verdict::Pass, name, fmt::format("{} can be reset ({})", name, fmt::join(methods, ", ")), ""});
    return;
  }
  if (methods.empty()) {
    findings.push_back({"gpu.reset", Verdict::Warn, name,
                        fmt::format("{} cannot be reset: it may not come back from a guest", name),
                        "plan for a reboot of the host"});
    return;
  }
  const std::vector<PciAddress> closure = closure_of(host, gpu.address);
  std::vector<PciAddress> others;
  for (const PciFunction& function : host.functions)
    if (gpu.parent && function.parent && *function.parent == *gpu.parent && !std::ranges::binary_search(closure, function.address))
      others.push_back(function.address);
  if (others.empty())
    findings.push_back({"gpu.reset", Verdict::Pass, name, fmt::format("{} can be reset, with its bus", name), ""});
  else
    findings.push_back({"gpu.reset", Verdict::Warn, name,
                        fmt::format("{} can be reset only together with {}, which stays with the host", name,
                                    addresses_text(others)),
                        "put the card into a slot of its own"});
}

void check_isolation(const Host& host, const PciFunction& gpu, Findings& findings) {
  if (!gpu.iommu_group) return;  // A guard tells.
  const std::string name = gpu.address.to_string();
  const Isolation isolation = isolation_of(host, gpu);
  if (isolation.acs == Answer::No)
    findings.push_back({"group.peers", Verdict::Warn, name,
                        fmt::format("past the IOMMU {} can be reached by {}", name, addresses_text(isolation.peers)),
                        "put the card below a port that has ACS"});
}

void check_gpu(const Host& host, const Assessment& gpu, Findings& findings) {
  const std::string name = gpu.address.to_string();
  const PciFunction& function = function_at(host, gpu.address);
  findings.insert(findings.end(), gpu.reasons.begin(), gpu.reasons.end());
  if (gpu.assignable == Answer::Yes)
    findings.push_back({"gpu.assignable", Verdict::Pass, name, name + " can be given away", ""});
  check_reset(host, function, findings);
  check_isolation(host, function, findings);
}

}  // namespace

std::vector<Finding> check(const Host& host, const std::vector<PciAddress>& gpus) {
  Findings findings;
  check_iommu(host, findings);
  for (const Assessment& gpu : assess(host, gpus))
    if (std::ranges::find(gpus, gpu.address) != gpus.end()) check_gpu(host, gpu, findings);
  return findings;
}

}  // namespace gpupass
