// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gpupass/validate.hpp"

/// What NVIDIA's programs print in a guest. It is foreign text: each reader @throws Error Malformed.
namespace gpupass {

/// The rows of nvidia-smi --query-gpu=pci.bus_id,driver_version --format=csv,noheader: in the order of their
/// addresses.
std::vector<NvidiaGpu> nvidia_gpus(std::string_view text);

/// By the number of each GPU, in GB/s; nullopt: not measured.
struct MeasuredBandwidths {
  std::vector<std::optional<double>> to_gpu;
  std::vector<std::optional<double>> from_gpu;
};
/// What nvbandwidth -j prints of its tests host_to_device_memcpy_ce and device_to_host_memcpy_ce: of each a
/// matrix with one row, and a column for each GPU.
MeasuredBandwidths measured_bandwidths(std::string_view text);

/// The bandwidths of GPUs that were measured in this order. @throws Error Malformed where they are not as
/// many.
std::vector<Bandwidth> bandwidths_of(const std::vector<NvidiaGpu>& gpus, const MeasuredBandwidths& measured);

}  // namespace gpupass
