// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/guard/guards.hpp"
#include "values/card.hpp"
#include "values/lasting_identity.hpp"
#include "values/text.hpp"

namespace gpupass {

std::optional<Finding> quarantine_finding(const Host& host, const PciFunction& gpu) {
  const Quarantined* one = quarantined(host, gpu);
  if (!one && !host.quarantine.unknown()) return std::nullopt;
  const std::string name = gpu.address.to_string();
  if (!one)
    return Finding{
        kQuarantined, Verdict::Unknown, name,
        fmt::format("it is not known whether {} is in quarantine: {}", name, host.quarantine.why()),
        kRunAsRoot};
  return Finding{kQuarantined, Verdict::Fail, name, fmt::format("{} is in quarantine: {}", name, one->reason),
                 one->unproven ? fmt::format("gpupass handover {} frees it if it is sound then", name)
                               : fmt::format("once it is sound: gpupass quarantine --release {}", name)};
}

const Quarantined* quarantined(const Host& host, const PciFunction& gpu) {
  if (!host.quarantine) return nullptr;
  for (const Quarantined& one : *host.quarantine)
    if (may_mean(one, gpu)) return &one;
  return nullptr;
}

}  // namespace gpupass
