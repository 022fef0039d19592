// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/gpu_words.hpp"

#include <fmt/format.h>

#include "render/text/text.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

std::string free_words(const Host& host, const Assessment& gpu) {
  const PciFunction* function = find_function(host, gpu.device);
  if (gpu.state == GpuState::Vfio) return "on vfio-pci";
  return function && function->driver ? "free (" + printable(*function->driver) + ")" : "free";
}

}  // namespace

TextCell state_words(const Host& host, const Assessment& gpu) {
  if (gpu.state == GpuState::Assigned) return "in " + printable(gpu.domain);
  if (gpu.state == GpuState::Wedged || gpu.state == GpuState::Partial || gpu.state == GpuState::Quarantined)
    return {to_string(gpu.state), tone_of(gpu.state)};
  if (gpu.assignable == Answer::Yes) {
    const std::string wanted = gpu.wanted_by.empty() ? "" : ", for " + joined(gpu.wanted_by);
    return {free_words(host, gpu) + wanted, Tone::Good};
  }
  const std::string why = gpu.reasons.empty() ? "" : brief_id(gpu.reasons.front().id);
  return {(gpu.assignable == Answer::No ? "no: " : "?: ") + why, tone_of(gpu.assignable)};
}

std::string iommu_words(const Host& host) {
  if (!host.iommu) return "IOMMU unknown";
  if (host.iommu->units.empty()) return "no IOMMU is active";
  const Answer remapped = answer_of(host.iommu->interrupt_remapping);
  return fmt::format("IOMMU on{}", remapped == Answer::No ? ", interrupts not remapped" : "");
}

}  // namespace gpupass
