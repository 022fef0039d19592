// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place_gpu.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "gpupass/policy.hpp"

namespace gpupass {

namespace {

/// A guest that is defined again may keep the GPU that it runs with.
bool passable(const Assessment& gpu, const Request& request) {
  if (gpu.state == GpuState::Assigned) return gpu.domain == request.name;
  return gpu.assignable != Answer::No;
}

std::string why_not(const Assessment& gpu) {
  if (gpu.state == GpuState::Assigned) return fmt::format("guest {} has it", gpu.domain);
  return gpu.reasons.empty() ? "it cannot be given away" : gpu.reasons.front().message;
}

PciAddress named_gpu(const Host& host, const Request& request) {
  const Selection selection = select_gpus(host, request.gpus);
  if (selection.gpus.size() != 1)
    throw placement_refused(request,
                            fmt::format("{} GPUs named {}", selection.gpus.size(), request.gpus.front()),
                            "one: placing several GPUs is not yet available", "name the GPU by its address");
  const PciAddress address = selection.gpus.front();
  for (const Assessment& gpu : assess(host, {address}))
    if (gpu.address == address && !passable(gpu, request))
      throw placement_refused(request, fmt::format("{}: {}", address.to_string(), why_not(gpu)),
                              "a GPU that can be given away",
                              gpu.reasons.empty() ? "" : gpu.reasons.front().remedy);
  return address;
}

std::vector<PciAddress> any_gpu(const Host& host, const Request& request) {
  std::vector<Assessment> gpus = assess(host);
  std::erase_if(gpus, [](const Assessment& gpu) { return gpu.virtual_function; });
  std::vector<std::string> passed_over;
  std::erase_if(gpus, [&](const Assessment& gpu) {
    if (passable(gpu, request)) return false;
    passed_over.push_back(fmt::format("{}: {}", gpu.address.to_string(), why_not(gpu)));
    return true;
  });
  if (gpus.empty())
    throw placement_refused(
        request,
        passed_over.empty() ? "no GPU" : fmt::format("no free GPU ({})", fmt::join(passed_over, "; ")),
        "one that can be given away");
  std::ranges::sort(gpus, {}, [&](const Assessment& gpu) {
    const bool mine = std::ranges::find(gpu.wanted_by, request.name) != gpu.wanted_by.end();
    return std::tuple(!mine, !mine && !gpu.wanted_by.empty(), gpu.assignable != Answer::Yes, gpu.address);
  });
  std::vector<PciAddress> addresses;
  std::ranges::transform(gpus, std::back_inserter(addresses), &Assessment::address);
  return addresses;
}

}  // namespace

Error placement_refused(const Request& request, const std::string& seen, const std::string& expected,
                        const std::string& hint) {
  return Error(ErrorCode::Refused, request.name,
               fmt::format("cannot place {}: saw {}, expected {}", request.name, seen, expected), hint);
}

std::vector<PciAddress> candidate_gpus(const Host& host, const Request& request) {
  if (request.gpus.empty()) return any_gpu(host, request);
  return {named_gpu(host, request)};
}

}  // namespace gpupass
