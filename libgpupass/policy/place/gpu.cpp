// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/guard/guards.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

// Sums over up to 255 GPUs keep their ranks.
constexpr std::uint64_t kNotMine = 1, kWanted = 1U << 8, kDoubtful = 1U << 16, kLanesMissing = 1U << 24;

/// A guest that is defined again may keep the GPU that it runs with.
bool passable(const Assessment& gpu, const Request& request) {
  if (gpu.state == GpuState::Assigned) return gpu.domain == request.name;
  return gpu.assignable != Answer::No;
}

/// Which device, and what forbids to give it away.
std::string why_not(const Assessment& gpu) {
  const std::string name = gpu.device.to_string();
  if (gpu.state == GpuState::Assigned) return fmt::format("{}: guest {} has it", name, gpu.domain);
  if (gpu.reasons.empty()) return name + ": it cannot be given away";
  const std::string& message = gpu.reasons.front().message;
  return message.starts_with(name) ? message : name + ": " + message;
}

/// Fewer lanes than both ends of the link could use: a fault of the slot, the riser or the card. Speed tells
/// nothing, as idle GPUs slow their link down.
bool lanes_missing(const Host& host, PciAddress address) {
  const PciFunction* gpu = find_function(host, address);
  if (!gpu || !gpu->link || gpu->link->width == 0) return false;
  unsigned best = gpu->link->max_width;
  const PciFunction* port = gpu->parent ? find_function(host, *gpu->parent) : nullptr;
  if (port && port->link && port->link->max_width != 0) best = std::min(best, port->link->max_width);
  return gpu->link->width < best;
}

std::uint64_t penalty(const Host& host, const Request& request, const Assessment& gpu) {
  const bool mine = std::ranges::find(gpu.wanted_by, request.name) != gpu.wanted_by.end();
  std::uint64_t sum = mine ? 0 : kNotMine;
  if (!mine && !gpu.wanted_by.empty()) sum += kWanted;
  if (gpu.assignable == Answer::Unknown) sum += kDoubtful;
  if (lanes_missing(host, function_of(gpu.device))) sum += kLanesMissing;
  return sum;
}

FreeDevice free_device(const Host& host, const Request& request, const Assessment& gpu) {
  return {function_of(gpu.device), std::nullopt, penalty(host, request, gpu)};
}

/// What goes with a GPU need not be one; but another function of a GPU's card goes with that.
Assessment as_companion(const Host& host, Assessment device) {
  const PciFunction& function = function_at(host, function_of(device.device));
  if (is_gpu(function) ||
      std::ranges::any_of(slot_mates(host, function), [](const PciFunction* mate) { return is_gpu(*mate); }))
    return device;
  std::erase_if(device.reasons, [](const Finding& reason) { return reason.id == kNotTheGpu; });
  if (device.reasons.empty())
    device.assignable = Answer::Yes;
  else if (std::ranges::find(device.reasons, Verdict::Fail, &Finding::verdict) == device.reasons.end())
    device.assignable = Answer::Unknown;
  return device;
}

enum class As { Gpu, Companion };

/// @throws Error Refused for the first that cannot be given away.
std::vector<FreeDevice> named(const Host& host, const Request& request,
                              const std::vector<PciAddress>& addresses, As as) {
  std::vector<FreeDevice> found;
  for (const Assessment& device : assess(host, addresses)) {
    if (!std::ranges::binary_search(addresses, device.device)) continue;
    const Assessment gpu = as == As::Gpu ? device : as_companion(host, device);
    if (!passable(gpu, request))
      throw placement_refused(request, why_not(gpu), "a device that can be given away",
                              gpu.reasons.empty() ? "" : gpu.reasons.front().remedy);
    found.push_back(free_device(host, request, gpu));
  }
  return found;
}

void add_any_gpus(const Host& host, const Request& request, FreeResources& resources) {
  for (const Assessment& gpu : assess(host)) {
    if (gpu.virtual_function) continue;
    if (passable(gpu, request))
      resources.gpus.push_back(free_device(host, request, gpu));
    else
      resources.passed_over.push_back(why_not(gpu));
  }
}

std::vector<PciAddress> device_addresses(const Host& host, const Request& request) {
  std::vector<PciAddress> addresses;
  for (const std::string& name : request.devices) {
    const auto device = DeviceId::parse(name);
    if (!device)
      throw Error(ErrorCode::Usage, name,
                  fmt::format("cannot place {}: saw \"{}\" as a device, expected an address as 0000:65:00.0",
                              request.name, name));
    const PciFunction& function = function_at(host, function_of(*device));
    if (is_gpu(function))
      throw Error(ErrorCode::Usage, name,
                  fmt::format("cannot place {}: saw the GPU {} as a device, expected it among the GPUs",
                              request.name, name),
                  "name it with --gpu");
    if (is_bridge(function))
      throw placement_refused(request, fmt::format("the bridge {}", name), "an endpoint",
                              "bridges stay with the host");
    addresses.push_back(function.address);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  return addresses;
}

}  // namespace

void add_candidates(const Host& host, const Request& request, FreeResources& resources) {
  const std::vector<PciAddress> devices = device_addresses(host, request);
  resources.devices = named(host, request, devices, As::Companion);
  if (request.gpus.empty()) {
    add_any_gpus(host, request, resources);
    std::erase_if(resources.gpus,
                  [&](const FreeDevice& gpu) { return std::ranges::binary_search(devices, gpu.address); });
  } else {
    resources.gpus = named(host, request, select_gpus(host, request.gpus).gpus, As::Gpu);
  }
}

std::size_t gpus_wanted(const Request& request, const FreeResources& resources) {
  return request.gpus.empty() ? request.gpu_count.value_or(1) : resources.gpus.size();
}

Error placement_refused(const Request& request, const std::string& seen, const std::string& expected,
                        const std::string& hint) {
  return Error(ErrorCode::Refused, request.name,
               fmt::format("cannot place {}: saw {}, expected {}", request.name, seen, expected), hint);
}

}  // namespace gpupass
