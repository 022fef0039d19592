// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "guest/model/domain_xml.hpp"
#include "policy/guard/claims.hpp"
#include "policy/guard/device_ids.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

bool is_by_ids(const Claim& claim) {
  return !PciAddress::parse(claim.device);
}

bool names(const Claim& claim, const PciFunction& function) {
  if (const auto address = PciAddress::parse(claim.device)) return *address == function.address;
  return matches_ids(claim.device, function) != Answer::No;
}

/// The driver itself has them; an override is gone when it is cleared, until the next boot.
bool are_of_driver(const Claim& claim) {
  return claim.owner == Claim::Owner::Kernel || claim.owner == Claim::Owner::Modprobe;
}

bool has_managed(const Domain& domain, PciAddress address) {
  return std::ranges::binary_search(domain.persistent_devices, address) &&
         is_managed(domain.persistent_xml, address);
}

}  // namespace

const Claim* claim_by_ids(const Host& host, const PciFunction& function) {
  if (!host.claims) return nullptr;
  const auto claim = std::ranges::find_if(
      *host.claims, [&](const Claim& one) { return are_of_driver(one) && names(one, function); });
  return claim == host.claims->end() ? nullptr : &*claim;
}

std::string text_of(const Claim& claim) {
  return fmt::format("{} gives {} to {}", claim.owner == Claim::Owner::Driverctl ? "driverctl" : claim.where,
                     claim.device, claim.driver.empty() ? "no driver" : claim.driver);
}

std::string withdrawal_of(const Claim& claim) {
  switch (claim.owner) {
    case Claim::Owner::Driverctl:
      return "driverctl unset-override " + shell_word(claim.device);
    case Claim::Owner::Kernel:
      return fmt::format("take {} out of {}.ids on the kernel's command line", claim.device, claim.driver);
    case Claim::Owner::Modprobe:
    case Claim::Owner::Udev:
    case Claim::Owner::Unraid:
      break;
  }
  return fmt::format("take {} out of {}", claim.device, claim.where);
}

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
           text_of(claim) + " at every boot" +
               (is_by_ids(claim) ? ", and every other device that these ids match" : ""),
           withdrawal_of(claim) + ", and use gpupass bind --persist, which takes this one card"});
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
