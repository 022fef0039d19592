// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <iterator>
#include <utility>

#include "gpupass/policy.hpp"
#include "guest/check/identities.hpp"
#include "policy/asked.hpp"
#include "policy/check/rules.hpp"
#include "policy/check/trouble.hpp"
#include "policy/place/partition.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using HostRule = void (*)(const Host& host, Findings& findings);
using GpuRule = void (*)(const Host& host, const Assessment& gpu, Findings& findings);

constexpr HostRule kHostRules[] = {check_iommu,        check_interrupts,      check_address_bits,
                                   check_acs_override, check_acs_lowered,     check_option_ignored,
                                   check_kvm,          check_virtual_machine, check_vfio,
                                   check_lockdown,     check_preparation};
constexpr GpuRule kGpuRules[] = {check_reset,          check_vfio_driver,  check_services, check_claims,
                                 check_isolation,      check_shared_group, check_isolated, check_link,
                                 check_path,           check_errors,       check_node,     check_pages,
                                 check_resizable_bars, check_neighbours};

void check_gpu(const Host& host, const Assessment& gpu, Findings& findings) {
  const std::string name = gpu.device.to_string();
  findings.insert(findings.end(), gpu.reasons.begin(), gpu.reasons.end());
  if (gpu.assignable == Answer::Yes)
    findings.push_back({"gpu.assignable", Verdict::Pass, name, name + " can be given away", ""});
  if (auto trouble = trouble_of(host, gpu)) findings.push_back(*std::move(trouble));
  for (const GpuRule rule : kGpuRules) rule(host, gpu, findings);
}

}  // namespace

std::vector<Finding> check(const Host& host, const std::vector<PciAddress>& gpus) {
  expect_asked(host, needs(Verb::Check), "check", gpus.empty() ? "the host" : addresses_text(gpus));
  Findings findings;
  for (const HostRule rule : kHostRules) rule(host, findings);
  for (const Assessment& gpu : assess(host, gpus))
    if (std::ranges::find(gpus, gpu.device) != gpus.end()) check_gpu(host, gpu, findings);
  if (auto partition = partition_finding(host, gpus, gpus)) findings.push_back(*std::move(partition));
  const Findings boot = check_boot(host, gpus);
  findings.insert(findings.end(), boot.begin(), boot.end());
  std::ranges::move(identity_findings(host, gpus), std::back_inserter(findings));
  return findings;
}

}  // namespace gpupass
