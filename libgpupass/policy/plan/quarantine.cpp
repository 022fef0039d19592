// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/own_records.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/lasting_identity.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Quarantine = std::vector<Quarantined>;

Quarantine present_quarantine(const Host& host, const std::vector<PciAddress>& gpus) {
  expect_asked(host, needs(Verb::Quarantine), "quarantine", addresses_text(gpus));
  if (host.quarantine) return *host.quarantine;
  refuse("quarantine", addresses_text(gpus),
         fmt::format("it is not known which GPUs are in quarantine: {}", why_unknown(host.quarantine)),
         fmt::format("run it as root; if {} is damaged, remove it", kQuarantineFile));
}

Plan from_to(const Quarantine& before, const Quarantine& after, std::string summary, std::string reason) {
  if (before == after) return {};
  Plan plan;
  add_file_step(plan, std::move(summary), std::move(reason), std::string(kQuarantineFile),
                to_quarantine_file(before), to_quarantine_file(after));
  return plan;
}

void put(Quarantine& quarantine, Quarantined record) {
  std::erase_if(quarantine, [&](const Quarantined& one) { return one.address == record.address; });
  quarantine.push_back(std::move(record));
  std::ranges::sort(quarantine, {}, &Quarantined::address);
}

bool is_at(const Quarantine& quarantine, PciAddress gpu) {
  return std::ranges::find(quarantine, gpu, &Quarantined::address) != quarantine.end();
}

}  // namespace

Plan plan_quarantine(const Host& host, const std::vector<PciAddress>& gpus, const std::string& reason) {
  constexpr std::size_t kLongest = 500;
  if (reason.empty() || reason.size() > kLongest || printable(reason) != reason)
    throw Error(ErrorCode::Usage, "reason",
                "cannot quarantine without a reason: expected one line of 1 to 500 characters",
                "--reason 'it fell off the bus'");
  const Quarantine before = present_quarantine(host, gpus);
  Quarantine after = before;
  std::vector<PciAddress> added;
  for (const PciAddress address : gpus) {
    const PciFunction& gpu = function_at(host, address);
    if (const Quarantined* record = quarantined(host, gpu); record && !record->unproven) continue;
    put(after, {address, lasting_identity(gpu), reason});
    added.push_back(address);
  }
  Plan plan = from_to(before, after, fmt::format("put {} into quarantine", addresses_text(added)), reason);
  for (const PciAddress address : added)
    for (const Domain& domain : host.domains.value_or({}))
      if (domain.active &&
          std::ranges::find(domain.live_devices, DeviceId(address)) != domain.live_devices.end())
        plan.notes.push_back(fmt::format("guest {} runs with {}, and keeps it until it ends", domain.name,
                                         address.to_string()));
  return plan;
}

Plan plan_unproven(const Host& host, PciAddress address, const std::string& reason) {
  const Quarantine before = present_quarantine(host, {address});
  const PciFunction& gpu = function_at(host, address);
  if (const Quarantined* record = quarantined(host, gpu); record && !record->unproven) return {};
  Quarantine after = before;
  put(after, {address, lasting_identity(gpu), reason, true});
  return from_to(before, after, fmt::format("put {} into quarantine", address.to_string()), reason);
}

Plan plan_quarantine_release(const Host& host, const std::vector<PciAddress>& gpus) {
  const Quarantine before = present_quarantine(host, gpus);
  Quarantine after = before;
  std::erase_if(after,
                [&](const Quarantined& one) { return std::ranges::find(gpus, one.address) != gpus.end(); });
  std::vector<PciAddress> freed;
  std::ranges::copy_if(gpus, std::back_inserter(freed), [&](PciAddress gpu) { return is_at(before, gpu); });
  return from_to(before, after, fmt::format("let guests have {} again", addresses_text(freed)), kAskedFor);
}

}  // namespace gpupass
