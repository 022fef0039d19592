// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/partition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

std::vector<PciAddress> addresses_of(const Host& host, bool (*is_one)(const PciFunction&)) {
  std::vector<PciAddress> found;
  for (const PciFunction& function : host.functions)
    if (is_one(function)) found.push_back(function.address);
  return found;
}

/// On a board of their own; cards in slots are not connected by switches.
bool is_on_nvidia_board(const PciFunction& function) {
  return function.vendor && *function.vendor == kNvidia && !function.physical_function &&
         function.class_code.value_or(0) >> 8 == 0x0302;
}

/// From NVLink 5 on, with B200 and B300, the switches are no PCI devices.
bool has_unseen_switches(const PciFunction& function) {
  return is_on_nvidia_board(function) && function.device &&
         (*function.device == 0x2901 || *function.device == 0x3182);
}

bool all_in(const std::vector<PciAddress>& wanted, const std::vector<PciAddress>& given) {
  return std::ranges::all_of(wanted,
                             [&](PciAddress one) { return std::ranges::find(given, one) != given.end(); });
}

}  // namespace

std::optional<Finding> partition_finding(const Host& host, const std::vector<PciAddress>& gpus,
                                         const std::vector<PciAddress>& devices) {
  const std::vector<PciAddress> switches = addresses_of(host, is_nvswitch),
                                connected = addresses_of(host, is_on_nvidia_board);
  const bool unseen = std::ranges::any_of(host.functions, has_unseen_switches);
  const bool any = std::ranges::any_of(
      gpus, [&](PciAddress gpu) { return std::ranges::find(connected, gpu) != connected.end(); });
  if ((switches.empty() && !unseen) || !any) return std::nullopt;
  const bool whole = all_in(connected, gpus);
  if (whole && !unseen && all_in(switches, devices)) return std::nullopt;
  return Finding{
      "gpu.partition", Verdict::Warn, gpus.front().to_string(),
      fmt::format(
          "NVSwitches connect the {} GPUs of this host, and the guest gets {} of them{}: they work in it "
          "only in a partition of the Fabric Manager",
          connected.size(), gpus.size(), whole ? " without the switches" : ""),
      fmt::format(
          "before the guest starts, activate the partition of these GPUs with fmpm -a on whoever has the "
          "switches; or give the guest all GPUs and {}",
          unseen ? "the network functions that manage the switches, whose VPD has SW_MNG"
                 : addresses_text(switches))};
}

}  // namespace gpupass
