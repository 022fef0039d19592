// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/state.hpp"

/// What a declaration means on this host.
namespace gpupass {

/// A declared GPU, and the function that it is here.
struct FoundGpu {
  const DeclaredGpu* declared = nullptr;
  const PciFunction* function = nullptr;
};

/// The declared GPUs that are here, in their order; findings tell of those that are not, and of what is named
/// twice.
struct FoundGpus {
  std::vector<FoundGpu> gpus;
  std::vector<Finding> findings;
};
FoundGpus find_declared(const Host& host, const State& state);

/// Who has a GPU with all that moves with it. nullopt: nobody can tell, or a part of it is on vfio-pci.
std::optional<GpuUse> use_of(const Host& host, const PciFunction& gpu);

/// Whether each boot binds the GPU, with all that moves with it. nullopt: not known, or a part of it.
std::optional<bool> boot_use_of(const Host& host, const PciFunction& gpu);

/// What is declared of the boot: said, or as the use has it. nullopt: nothing.
std::optional<bool> boot_of(const DeclaredGpu& declared);

/// The settings that the state declares, with the devices that its names mean on this host.
Settings declared_settings(const State& state, const std::vector<FoundGpu>& gpus);

}  // namespace gpupass
