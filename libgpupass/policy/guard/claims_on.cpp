// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "guest/model/domain_xml.hpp"
#include "policy/guard/claims.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Whether ids of vfio-pci, "10de:2684" or with those of the subsystem behind it, are the function's.
bool names(const Claim& claim, const PciFunction& function) {
  if (claim.owner == Claim::Owner::Driverctl) return PciAddress::parse(claim.device) == function.address;
  if (!function.vendor || !function.device) return false;
  const std::string ids = fmt::format("{:04x}:{:04x}", *function.vendor, *function.device);
  std::string claimed = claim.device.substr(0, ids.size());
  std::ranges::transform(claimed, claimed.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return claimed == ids && (claim.device.size() == ids.size() || claim.device[ids.size()] == ':');
}

std::string remedy_for(const Claim& claim) {
  if (claim.owner == Claim::Owner::Driverctl)
    return fmt::format("driverctl unset-override {} leaves it to gpupass bind --persist",
                       shell_word(claim.device));
  return fmt::format(
      "take {} out of {}, and use gpupass bind --persist, which takes this one card", claim.device,
      claim.owner == Claim::Owner::Kernel ? "vfio-pci.ids on the kernel's command line" : claim.where);
}

bool has_managed(const Domain& domain, PciAddress address) {
  return std::ranges::binary_search(domain.persistent_devices, address) &&
         is_managed(domain.persistent_xml, address);
}

}  // namespace

std::vector<Finding> claims_on(const Host& host, const PciFunction& function) {
  std::vector<Finding> findings;
  const std::string name = function.address.to_string();
  if (!host.claims && !host.claims.absent())
    findings.push_back({"device.claimed", Verdict::Unknown, name,
                        fmt::format("it is not known whether something else gives {} to a driver at boot: {}",
                                    name, why_unknown(host.claims)),
                        ""});
  for (const Claim& claim : host.claims.value_or({}))
    if (names(claim, function))
      findings.push_back(
          {"device.claimed", Verdict::Warn, name,
           fmt::format("{} gives {} to {} at every boot{}",
                       claim.owner == Claim::Owner::Driverctl ? "driverctl" : claim.where, claim.device,
                       claim.driver.empty() ? "no driver" : claim.driver,
                       claim.owner == Claim::Owner::Driverctl ? "" : ", and every other card of these ids"),
           remedy_for(claim)});
  if (host.domains)
    for (const Domain& domain : *host.domains)
      if (has_managed(domain, function.address))
        findings.push_back(
            {"device.managed", Verdict::Warn, name,
             fmt::format("guest {} has {} as a managed device: libvirt itself takes it from its driver and "
                         "gives it back, without any of these checks",
                         domain.name, name),
             fmt::format("gpupass define {0} --from {0} makes gpupass do this", shell_word(domain.name))});
  return findings;
}

}  // namespace gpupass
