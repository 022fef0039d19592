// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

/// What stands against a change of MIG.
namespace gpupass {

/// Whether the driver resets such a GPU when its MIG mode changes: NVIDIA's Multi-Instance GPU user guide, of
/// Ampere. Later ones need no reset.
bool is_reset_for_mig(const PciFunction& gpu);

/// vGPUs and mediated devices of the GPU: in MIG mode each has an instance, and nobody tells which.
std::vector<Finding> vgpus_on(const Host& host, const PciFunction& gpu);

/// Who has the GPU open; or that nobody knows.
std::vector<Finding> openers_of(const Host& host, const PciFunction& gpu);

/// The processes that compute on an instance; or that nobody knows.
std::vector<Finding> computing_on(const PciFunction& gpu, const MigGpuInstance& instance,
                                  const std::string& name);

}  // namespace gpupass
