// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/guard/guards.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Guests that run, each with each of its devices.
std::vector<std::pair<std::string, DeviceId>> devices_in_use(const Host& host) {
  std::vector<std::pair<std::string, DeviceId>> result;
  if (host.domains)
    for (const Domain& domain : *host.domains)
      for (const DeviceId device : domain.live_devices) result.emplace_back(domain.name, device);
  return result;
}

std::vector<Holder> holders_of(const Host& host, const std::vector<PciAddress>& functions) {
  std::vector<Holder> holders;
  const auto groups = groups_of(host, functions);
  if (host.holders)
    for (const Holder& holder : *host.holders)
      if (std::ranges::binary_search(groups, holder.iommu_group)) holders.push_back(holder);
  return holders;
}

}  // namespace

std::vector<Finding> users_of(const Host& host, PciAddress subject, const std::vector<PciAddress>& functions,
                              const std::string& guest) {
  std::vector<Finding> users;
  const auto add = [&](const char* id, Verdict verdict, std::string message, std::string remedy) {
    users.push_back({id, verdict, subject.to_string(), std::move(message), std::move(remedy)});
  };
  std::vector<PciAddress> of_guest;
  for (const auto& [domain, device] : devices_in_use(host)) {
    if (!std::ranges::binary_search(functions, device)) continue;
    if (domain == guest && device.function()) of_guest.push_back(*device.function());
    if (domain != guest)
      add("gpu.assigned", Verdict::Fail, fmt::format("guest {} runs with {}", domain, device.to_string()),
          fmt::format("detach it from {}, or shut that guest down", domain));
  }
  const auto held_by_guest = groups_of(host, of_guest);  // The holder of such a node is its process.
  for (const Holder& holder : holders_of(host, functions))
    if (!std::ranges::binary_search(held_by_guest, holder.iommu_group))
      add("gpu.held", Verdict::Fail,
          fmt::format("/dev/vfio/{} is held by {} (process {})", holder.iommu_group, holder.command,
                      holder.pid),
          "end the guest that the process runs");
  if (!of_guest.empty()) return users;

  if (!host.domains.asked())
    add("gpu.assigned", Verdict::Unknown, "it is not known which guest has it: " + why_unknown(host.domains),
        "");
  // Only what is on vfio-pci can be in use by a guest.
  const bool usable =
      std::ranges::any_of(functions, [&](PciAddress f) { return on_vfio(function_at(host, f)); });
  if (usable && !host.holders && !host.holders.absent())
    add("gpu.held", Verdict::Unknown,
        fmt::format("it is not known who holds its /dev/vfio node: {}", why_unknown(host.holders)),
        kRunAsRoot);
  if (usable && !host.holders && host.domains.unknown())
    add("gpu.assigned", Verdict::Unknown,
        fmt::format("it is not known which guest has it: {}", host.domains.why()), "");
  return users;
}

}  // namespace gpupass
