// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/rebind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "guest/edit/recorded_identity.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/sysfs.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// A name; empty if it is absent. An unknown one is refused, because the undo would rest on a guess.
std::string known(const Fact<std::string>& fact, const std::string& what, const std::string& subject,
                  const std::string& verb) {
  if (fact) return *fact;
  if (!fact.absent())
    refuse(verb, subject,
           fmt::format("saw an unknown {} ({}), expected a known one", what, why_unknown(fact)));
  return {};
}

template <typename T>
bool is_certain(const Fact<T>& fact) {
  return fact || fact.absent();
}

Assumption link(const std::string& folder, const char* name, std::string expected) {
  return {Assumption::Kind::Link, folder + name, std::move(expected)};
}

Assumption attribute(const std::string& folder, const char* name, std::string expected) {
  return {Assumption::Kind::Attribute, folder + name, std::move(expected)};
}

}  // namespace

std::vector<Moving> leaving_order(const Host& host, const std::vector<PciAddress>& functions,
                                  const std::string& verb) {
  if (!host.homes && !host.homes.absent())
    refuse(verb, addresses_text(functions),
           fmt::format("saw no records of where functions belong ({}), expected to read them",
                       why_unknown(host.homes)));
  std::vector<Moving> movings;
  for (const PciAddress address : functions) {
    const PciFunction& function = function_at(host, address);
    const std::string name = address.to_string();
    movings.push_back({&function,
                       {known(function.driver, "driver", name, verb),
                        known(function.driver_override, "driver override", name, verb)},
                       is_gpu(function)});
  }
  std::ranges::stable_partition(movings, [](const Moving& moving) { return !moving.gpu; });
  return movings;
}

void add_step(Plan& plan, Moving& moving, const SetDriver& change, std::string summary, std::string reason) {
  plan.steps.push_back(
      {std::move(summary), std::move(reason), change, SetDriver{moving.function->address, moving.state}});
  moving.state = change.state;
}

const Home* home_of(const Host& host, const PciFunction& function) {
  const Home* home = find_home(host, function.address);
  const bool same = home && function.vendor && function.device &&
                    likeness(home->identity, identity_of(host, function)) != Likeness::Other;
  return same ? home : nullptr;
}

std::vector<Assumption> assumptions_of(const Host& host, const std::vector<PciAddress>& functions) {
  std::vector<Assumption> assumptions;
  for (const PciAddress address : functions) {
    const PciFunction& function = function_at(host, address);
    const std::string folder = sysfs_folder(address) + "/";
    if (function.vendor)
      assumptions.push_back(attribute(folder, "vendor", fmt::format("{:#06x}", *function.vendor)));
    if (function.device)
      assumptions.push_back(attribute(folder, "device", fmt::format("{:#06x}", *function.device)));
    if (is_certain(function.driver))
      assumptions.push_back(link(folder, "driver", function.driver.value_or("")));
    if (is_certain(function.driver_override))
      assumptions.push_back(
          attribute(folder, "driver_override", function.driver_override.value_or("(null)")));
    if (is_certain(function.iommu_group))
      assumptions.push_back(
          link(folder, "iommu_group", function.iommu_group ? fmt::to_string(*function.iommu_group) : ""));
  }
  return assumptions;
}

std::string driver_text(const std::string& driver) {
  return driver.empty() ? "no driver" : driver;
}

}  // namespace gpupass
