// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/validate.hpp"

/// What a guest tells of itself, and what was seen of it.
namespace gpupass {

void fields(auto& visit, Is<NvidiaGpu> auto& gpu) {
  visit("address", gpu.address);
  visit("driver_version", gpu.driver_version);
}

void fields(auto& visit, Is<Bandwidth> auto& bandwidth) {
  visit("address", bandwidth.address);
  visit("to_gpu", bandwidth.to_gpu);
  visit("from_gpu", bandwidth.from_gpu);
}

void fields(auto& visit, Is<GuestFacts> auto& guest) {
  visit("runs_programs", guest.runs_programs);
  visit("system", guest.system);
  visit("machine", guest.machine);
  visit("nvidia_gpus", guest.nvidia_gpus);
  visit("errors", guest.errors);
  visit("bandwidths", guest.bandwidths);
}

void fields(auto& visit, Is<SeenGpu> auto& gpu) {
  visit("address", gpu.address);
  visit("in_guest", gpu.in_guest);
  visit("vendor", gpu.vendor);
  visit("device", gpu.device);
  visit("node", gpu.node);
  visit("link", gpu.link);
  visit("driver", gpu.driver);
  visit("driver_version", gpu.driver_version);
  visit("to_gpu_gb_s", gpu.to_gpu);
  visit("from_gpu_gb_s", gpu.from_gpu);
}

void fields(auto& visit, Is<Baseline> auto& baseline) {
  visit("domain", baseline.domain);
  visit("gpus", baseline.gpus);
}

}  // namespace gpupass
