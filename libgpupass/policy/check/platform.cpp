// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string>

#include "gpupass/host.hpp"
#include "policy/check/rules.hpp"

namespace gpupass {

namespace {

/// "VT-x", by the CPUs' maker where it is known.
std::string virtualization_name(const Host& host) {
  const std::string vendor = host.cpu_vendor.value_or("");
  if (vendor == "GenuineIntel") return "VT-x";
  return vendor == "AuthenticAMD" || vendor == "HygonGenuine" ? "AMD-V (SVM)" : "VT-x or AMD-V";
}

std::string kvm_remedy(const Host& host) {
  const Platform& platform = *host.platform;
  if (platform.cpu_virtualization.value_or(true))
    return "modprobe kvm_intel or kvm_amd; the kernel's log says why it does not start: journalctl -k --grep "
           "kvm";
  if (platform.virtual_machine.value_or(false))
    return "let the hypervisor that runs this host pass virtualisation on (nested)";
  return fmt::format("switch {} on in the firmware's setup", virtualization_name(host));
}

}  // namespace

void check_kvm(const Host& host, Findings& findings) {
  if (!host.platform || !host.platform->kvm) return;
  if (*host.platform->kvm)
    findings.push_back({"host.kvm", Verdict::Pass, "host", "KVM runs guests on the CPUs", ""});
  else
    findings.push_back({"host.kvm", Verdict::Warn, "host",
                        "the kernel has no KVM: guests run in emulation, many times slower",
                        kvm_remedy(host)});
}

void check_virtual_machine(const Host& host, Findings& findings) {
  if (!host.platform || !host.platform->virtual_machine.value_or(false)) return;
  findings.push_back(
      {"host.virtual", Verdict::Pass, "host",
       "this host is itself a virtual machine: its IOMMU and its NUMA nodes are those that its "
       "hypervisor made up",
       ""});
}

void check_vfio(const Host& host, Findings& findings) {
  if (!host.platform || !host.platform->vfio_pci) return;
  const Platform& platform = *host.platform;
  if (!*platform.vfio_pci) {
    findings.push_back({"vfio.driver", Verdict::Fail, "host",
                        "this kernel has no vfio-pci, neither loaded nor as a module",
                        "boot a kernel that has it: those of distributions for clouds often leave it out"});
    return;
  }
  findings.push_back({"vfio.driver", Verdict::Pass, "host", "the kernel has vfio-pci", ""});
  if (platform.vfio_container.value_or(false) || platform.iommufd.value_or(false))
    findings.push_back({"vfio.interface", Verdict::Pass, "host",
                        fmt::format("programs get devices by {}",
                                    !platform.iommufd.value_or(false)         ? "IOMMU groups"
                                    : platform.vfio_container.value_or(false) ? "IOMMU groups, and by iommufd"
                                                                              : "iommufd alone"),
                        ""});
}

void check_lockdown(const Host& host, Findings& findings) {
  if (!host.platform || !host.platform->lockdown || *host.platform->lockdown == "none") return;
  findings.push_back(
      {"host.lockdown", Verdict::Pass, "host",
       fmt::format("the kernel is locked down ({}): VFIO works, modules without a signature do "
                   "not load",
                   *host.platform->lockdown),
       ""});
}

}  // namespace gpupass
