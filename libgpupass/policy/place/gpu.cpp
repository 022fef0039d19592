// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/guard/guards.hpp"
#include "policy/place/partition.hpp"
#include "policy/slice/givable.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/mediated.hpp"
#include "values/own_switch.hpp"
#include "values/sort_unique.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

// Sums over up to 255 GPUs keep their ranks.
constexpr std::uint64_t kNotMine = 1, kWanted = kMateLeft << 8, kDoubtful = kMateLeft << 16,
                        kLanesMissing = kMateLeft << 24;

using Objections = std::vector<Objection>;

bool fails(const Objection& objection) {
  return objection.finding.verdict == Verdict::Fail;
}

/// What the guards say of a device while all of `together` go the same way, but for what the user gives up.
Objections left(const Host& host, const Request& request, PciAddress address,
                const std::vector<PciAddress>& together) {
  return unforced(objections(host, address, together), request.force);
}

/// What a guest with the graphics of the processor costs.
Finding price_of_intel_graphics(PciAddress gpu) {
  return {
      "gpu.integrated", Verdict::Warn, gpu.to_string(),
      fmt::format("{} is the graphics of the processor: the guest has it at 00:02.0 of its root bus, where "
                  "nothing is plugged or unplugged while it runs, and sees the firmware's OpRegion, a part "
                  "of the host's memory; libvirt marks the guest as tainted, for QEMU's x-igd-opregion",
                  gpu.to_string()),
      ""};
}

Finding price_of_amd_graphics(PciAddress gpu) {
  return {"gpu.integrated", Verdict::Warn, gpu.to_string(),
          fmt::format(
              "{} is the graphics of the processor: it has no ROM of its own, and its drivers do not start "
              "in a guest without one",
              gpu.to_string()),
          "take its image out of the firmware's ACPI table VFCT, and give it to the guest with <rom "
          "file='...'/>"};
}

/// Displays are missed when they leave, and a placement moves nothing.
bool is_display(const Objection& objection) {
  return objection.force && is_of_display(objection.finding);
}

/// A guest that is defined again may keep the GPU that it runs with.
bool passable(const Assessment& gpu, const Request& request, const Objections& found) {
  if (gpu.state == GpuState::Assigned) return gpu.domain == request.name;
  return std::ranges::none_of(found, fails);
}

/// Which device, and what forbids to give it away.
std::string why_not(const Assessment& gpu, const Objections& found) {
  const std::string name = gpu.device.to_string();
  if (gpu.state == GpuState::Assigned) return fmt::format("{}: guest {} has it", name, gpu.domain);
  if (found.empty()) return name + ": it cannot be given away";
  const auto first = std::ranges::find_if(found, fails);
  const std::string& message = (first == found.end() ? found.front() : *first).finding.message;
  return message.starts_with(name) ? message : name + ": " + message;
}

/// Fewer lanes than both ends of the link could use: a fault of the slot, the riser or the card. Speed tells
/// nothing, as idle GPUs slow their link down.
bool lanes_missing(const Host& host, PciAddress address) {
  const PciFunction* gpu = find_function(host, address);
  if (!gpu) return false;
  const PciFunction& card = at_slot(host, *gpu);
  if (!card.link || card.link->width == 0) return false;
  unsigned best = card.link->max_width;
  const PciFunction* port = card.parent ? find_function(host, *card.parent) : nullptr;
  if (port && port->link && port->link->max_width != 0) best = std::min(best, port->link->max_width);
  return card.link->width < best;
}

/// The GPUs that can only move together with this one, itself among them.
std::vector<PciAddress> unit_of(const Host& host, PciAddress address) {
  std::vector<PciAddress> unit = closure_of(host, address);
  std::erase_if(unit, [&](PciAddress mate) { return !is_gpu(function_at(host, mate)); });
  return unit;
}

/// Whether the definition of another guest names something that moves with the device.
bool wanted_by_another(const Host& host, const Request& request, PciAddress address) {
  const auto closure = closure_of(host, address);
  return host.domains && std::ranges::any_of(*host.domains, [&](const Domain& domain) {
           return domain.name != request.name &&
                  std::ranges::any_of(domain.persistent_devices, [&](DeviceId device) {
                    const auto function = device.function();
                    return function && std::ranges::binary_search(closure, *function);
                  });
         });
}

FreeDevice free_device(const Host& host, const Request& request, const Assessment& gpu,
                       const Objections& found) {
  const PciAddress address = function_of(gpu.device);
  FreeDevice device{address, std::nullopt, 0};
  const bool mine = std::ranges::find(gpu.wanted_by, request.name) != gpu.wanted_by.end();
  if (!mine) device.penalty += kNotMine;
  if (!mine && wanted_by_another(host, request, address)) device.penalty += kWanted;
  if (!found.empty() && std::ranges::none_of(found, fails)) device.penalty += kDoubtful;
  if (lanes_missing(host, address)) device.penalty += kLanesMissing;
  if (const auto unit = unit_of(host, address); unit.size() > 1)
    device.unit = Unit{unit.front(), static_cast<unsigned>(unit.size()), false};
  return device;
}

/// All of `together` go to this guest, and are named.
/// @throws Error Refused for the first that cannot be given away.
std::vector<FreeDevice> named(const Host& host, const Request& request,
                              const std::vector<PciAddress>& addresses,
                              const std::vector<PciAddress>& together) {
  std::vector<FreeDevice> free;
  for (const Assessment& device : assess(host, addresses)) {
    if (!std::ranges::binary_search(addresses, device.device)) continue;
    const PciAddress address = function_of(device.device);
    Objections found = left(host, request, address, together);
    std::erase_if(found, is_display);
    if (!passable(device, request, found)) {
      const auto first = std::ranges::find_if(found, fails);
      throw placement_refused(request, why_not(device, found), "a device that can be given away",
                              first == found.end() ? "" : first->finding.remedy);
    }
    free.push_back(free_device(host, request, device, found));
  }
  return free;
}

/// A GPU that cannot leave alone may with all GPUs of its group.
void add_any_gpus(const Host& host, const Request& request, FreeResources& resources) {
  for (const Assessment& gpu : assess(host)) {
    if (gpu.virtual_function) continue;
    const PciAddress address = function_of(gpu.device);
    Objections found = left(host, request, address, {address});
    const bool alone = passable(gpu, request, found);
    if (!alone) found = left(host, request, address, unit_of(host, address));
    if (!passable(gpu, request, found)) {
      resources.passed_over.push_back(why_not(gpu, found));
      continue;
    }
    FreeDevice device = free_device(host, request, gpu, found);
    if (device.unit) device.unit->whole = !alone;
    resources.gpus.push_back(device);
  }
}

std::vector<PciAddress> gpu_addresses(const Host& host, const Request& request) {
  std::vector<PciAddress> gpus = select_gpus(host, request.gpus).gpus;
  for (const PciAddress address : gpus) {
    const PciFunction& function = function_at(host, address);
    if (is_gpu(function) || is_bridge(function) || !function.class_code) continue;  // The guards tell.
    const std::string name = address.to_string();
    throw Error(ErrorCode::Refused, name,
                fmt::format("cannot place {}: saw {} of class {:06x} as a GPU, expected class 03xx or 12xx",
                            request.name, name, *function.class_code),
                "name it with --device");
  }
  return gpus;
}

void expect_device(const Request& request, const PciFunction& function) {
  const std::string name = function.address.to_string();
  if (is_gpu(function) && !is_virtual(function))
    throw Error(ErrorCode::Usage, name,
                fmt::format("cannot place {}: saw the GPU {} as a device, expected it among the GPUs",
                            request.name, name),
                "name it with --gpu");
  if (is_bridge(function))
    throw placement_refused(request, fmt::format("the bridge {}", name), "an endpoint",
                            "bridges stay with the host");
}

/// What is to go with the GPUs: companions, and slices of GPUs.
PartedDevices devices_of(const Host& host, const Request& request) {
  std::vector<DeviceId> devices;
  for (const std::string& name : request.devices) {
    const auto device = DeviceId::parse(name);
    if (!device)
      throw Error(ErrorCode::Usage, name,
                  fmt::format("cannot place {}: saw \"{}\" as a device, expected an address as 0000:65:00.0, "
                              "or the UUID of a mediated device",
                              request.name, name));
    if (const auto function = device->function()) expect_device(request, function_at(host, *function));
    devices.push_back(*device);
  }
  sort_unique(devices);
  return parted(host, devices);
}

/// Whether GPUs are taken that the request does not name. Its slices are enough if it says nothing of GPUs.
bool chooses_gpus(const Request& request, const std::vector<FreeDevice>& free) {
  const bool has_slice =
      std::ranges::any_of(free, [](const FreeDevice& device) { return device.slice.has_value(); });
  return request.gpus.empty() && (request.gpu_count || !has_slice);
}

/// Where they are; on a host whose mediated devices are not known a guest's own may be anywhere.
std::vector<FreeDevice> slices_at_their_parents(const Host& host, const Request& request,
                                                const std::vector<DeviceId>& slices) {
  expect_givable(host, "place", request.name, slices);
  std::vector<FreeDevice> free;
  for (const DeviceId slice : slices) {
    FreeDevice device;
    device.address =
        slice.is_mediated() ? parent_of_mediated(host, slice).value_or(PciAddress{}) : function_of(slice);
    device.slice = slice;
    free.push_back(device);
  }
  return free;
}

}  // namespace

void add_candidates(const Host& host, const Request& request, FreeResources& resources) {
  const auto [devices, as_they_are] = devices_of(host, request);
  std::vector<PciAddress> gpus, together = devices;
  if (!request.gpus.empty()) gpus = gpu_addresses(host, request);
  together.insert(together.end(), gpus.begin(), gpus.end());
  std::vector<FreeDevice> slices = slices_at_their_parents(host, request, as_they_are);
  for (FreeDevice& device : named(host, request, devices, together)) {
    const bool is_slice = is_gpu(function_at(host, device.address));
    if (is_slice) device.slice = device.address;
    (is_slice ? slices : resources.devices).push_back(std::move(device));
  }
  if (chooses_gpus(request, slices)) {
    add_any_gpus(host, request, resources);
    std::erase_if(resources.gpus,
                  [&](const FreeDevice& gpu) { return std::ranges::binary_search(devices, gpu.address); });
    std::ranges::move(slices, std::back_inserter(resources.devices));
  } else {
    resources.gpus = named(host, request, gpus, together);
    std::ranges::move(slices, std::back_inserter(resources.gpus));
    std::ranges::stable_sort(resources.gpus, {}, &FreeDevice::address);
  }
}

std::size_t gpus_wanted(const Request& request, const FreeResources& resources) {
  return chooses_gpus(request, resources.gpus) ? request.gpu_count.value_or(1) : resources.gpus.size();
}

std::vector<Finding> warnings_of(const Host& host, const Request& request, const Placement& placement) {
  std::vector<Finding> warnings;
  const std::vector<PciAddress> gpus = functions_of(placement.gpus),
                                devices = parted(host, placement.devices).functions;
  std::vector<PciAddress> together = gpus;
  together.insert(together.end(), devices.begin(), devices.end());
  for (const PciAddress address : together)
    for (Objection& objection : left(host, request, address, together))
      if (is_display(objection) || (objection.force && !fails(objection))) {
        if (fails(objection)) objection.finding.verdict = Verdict::Warn;
        warnings.push_back(std::move(objection.finding));
      }
  for (const PciAddress gpu : gpus)
    if (is_intel_graphics(function_at(host, gpu)))
      warnings.push_back(price_of_intel_graphics(gpu));
    else if (is_amd_processors_graphics(host, function_at(host, gpu)))
      warnings.push_back(price_of_amd_graphics(gpu));
  if (auto partition = partition_finding(host, gpus, devices)) warnings.push_back(*std::move(partition));
  return warnings;
}

Error placement_refused(const Request& request, const std::string& seen, const std::string& expected,
                        const std::string& hint) {
  return Error(ErrorCode::Refused, request.name,
               fmt::format("cannot place {}: saw {}, expected {}", request.name, seen, expected), hint);
}

}  // namespace gpupass
