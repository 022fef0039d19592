// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "gpupass/policy.hpp"
#include "guest/check/identities.hpp"
#include "policy/asked.hpp"
#include "policy/guard/claims.hpp"
#include "policy/guard/iommu_remedy.hpp"
#include "policy/guard/kernel_option.hpp"
#include "policy/guard/missing_reset.hpp"
#include "policy/guard/reset_fault.hpp"
#include "policy/isolation/acs_override.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "policy/place/partition.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/quiesce.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Findings = std::vector<Finding>;

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

/// Says how it can be reset. Of a GPU that is still to be bound, a guard reports what prevents a reset.
void check_reset(const Host& host, const PciFunction& gpu, Findings& findings) {
  const std::string name = gpu.address.to_string();
  const auto pass = [&](std::string message) {
    findings.push_back({"gpu.reset", Verdict::Pass, name, std::move(message), ""});
  };
  const std::vector<PciAddress> closure = closure_of(host, gpu.address);
  if (gpu.reset_methods.unknown())
    findings.push_back({"gpu.reset", Verdict::Unknown, name,
                        fmt::format("it is not known how {} can be reset: {}", name, gpu.reset_methods.why()),
                        ""});
  else if (auto missing = missing_reset(host, gpu, closure)) {
    if (!is_bound(host, closure)) return;
    missing->verdict = Verdict::Warn;
    findings.push_back(*std::move(missing));
  } else if (const ResetFault* fault = reset_fault(gpu))
    findings.push_back(
        {"gpu.reset", Verdict::Warn, name,
         fmt::format("{} is one of the models ({}) that are reported not to come back from a reset ({}): {}",
                     name, fault->model, fmt::join(*gpu.reset_methods, ", "), fault->source),
         std::string(fault->remedy)});
  else if (reset_scope(host, gpu, closure).kind == ResetScope::Kind::Function)
    pass(fmt::format("{} can be reset ({})", name, fmt::join(*gpu.reset_methods, ", ")));
  else
    pass(fmt::format("{} can be reset, with its bus", name));
}

/// Of one that was bound by other means, or under another kernel.
void check_vfio_driver(const PciFunction& gpu, Findings& findings) {
  const std::string driver = vfio_driver_of(gpu), name = gpu.address.to_string();
  if (!gpu.driver || *gpu.driver != kVfioDriver || driver == kVfioDriver) return;
  findings.push_back(
      {"gpu.vfio-driver", Verdict::Warn, name,
       fmt::format("{} is on vfio-pci, but {} is made for it: a guest misses what that gives", name, driver),
       fmt::format("gpupass release {0}, then gpupass bind {0}", name)});
}

void check_isolation(const PciFunction& gpu, const Isolation& isolation, Findings& findings) {
  if (!gpu.iommu_group) return;  // A guard tells.
  const std::string name = gpu.address.to_string();
  if (isolation.acs == Answer::No && !isolation.peers.empty())
    findings.push_back(
        {"group.peers", Verdict::Warn, name,
         fmt::format("{} can be reached past the IOMMU by {}", name, addresses_text(isolation.peers)),
         "put the card below a port that has ACS"});
  else if (isolation.acs == Answer::Unknown)
    findings.push_back({"group.peers", Verdict::Unknown, name,
                        fmt::format("it is not known whether others can reach {} past the IOMMU: {}", name,
                                    isolation.why.empty() ? "it was not read" : isolation.why),
                        ""});
}

/// Those that bind stops by itself.
void check_services(const Host& host, PciAddress gpu, Findings& findings) {
  for (const std::string& unit : quiet_for(host, closure_of(host, gpu), {}).services)
    findings.push_back({"gpu.watched", Verdict::Pass, gpu.to_string(),
                        fmt::format("{} has it open: bind stops it temporarily", unit), ""});
}

void check_gpu(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  const PciAddress address = function.address;
  const std::string name = address.to_string();
  findings.insert(findings.end(), gpu.reasons.begin(), gpu.reasons.end());
  if (gpu.assignable == Answer::Yes)
    findings.push_back({"gpu.assignable", Verdict::Pass, name, name + " can be given away", ""});
  check_reset(host, function, findings);
  check_vfio_driver(function, findings);
  check_services(host, address, findings);
  for (const PciAddress member : gpu.functions)
    for (Finding& claim : claims_on(host, function_at(host, member)))
      if (member == address || claim.verdict != Verdict::Unknown) findings.push_back(std::move(claim));
  check_isolation(function, gpu.isolation, findings);
}

}  // namespace

std::vector<Finding> check(const Host& host, const std::vector<PciAddress>& gpus) {
  expect_asked(host, needs(Verb::Check), "check", gpus.empty() ? "the host" : addresses_text(gpus));
  Findings findings;
  check_iommu(host, findings);
  check_acs_override(host, findings);
  for (const Assessment& gpu : assess(host, gpus))
    if (std::ranges::find(gpus, gpu.device) != gpus.end()) check_gpu(host, gpu, findings);
  if (auto partition = partition_finding(host, gpus, gpus)) findings.push_back(*std::move(partition));
  const Findings boot = check_boot(host, gpus);
  findings.insert(findings.end(), boot.begin(), boot.end());
  std::ranges::move(identity_findings(host, gpus), std::back_inserter(findings));
  return findings;
}

}  // namespace gpupass
