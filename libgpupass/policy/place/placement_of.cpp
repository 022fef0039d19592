// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/placement_of.hpp"

#include <algorithm>

namespace gpupass {

namespace {

/// vCPU after vCPU on the threads of one core after the other.
void pin(const CellChoice& choice, Placement& placement, CpuSet& cpus) {
  unsigned given = 0;
  for (const Core& core : choice.cores.cores)
    for (const unsigned cpu : core.cpus) {
      if (given++ == choice.vcpus) return;
      placement.vcpu_pins.push_back({static_cast<unsigned>(placement.vcpu_pins.size()), CpuSet{cpu}});
      cpus.insert(cpu);
    }
}

/// As many as the cores have, where the vCPUs of every cell fill them.
unsigned threads_per_core(const Split& split) {
  const auto filled = [&](const CellChoice& cell) { return cell.vcpus % split.kind == 0; };
  return split.kind != kAnyKind && std::ranges::all_of(split.cells, filled)
             ? static_cast<unsigned>(split.kind)
             : 1;
}

}  // namespace

Placement placement_of(const FreeResources& resources, const Solution& solution) {
  Placement placement;
  for (const std::size_t at : solution.gpus) {
    const FreeDevice& gpu = resources.gpus[at];
    (gpu.slice ? placement.devices : placement.gpus).push_back(gpu.slice.value_or(gpu.address));
  }
  for (const FreeDevice& device : resources.devices)
    placement.devices.push_back(device.slice.value_or(device.address));
  std::ranges::sort(placement.devices);
  for (const CellChoice& choice : solution.split.cells) {
    const FreeNode& node = resources.nodes[choice.node];
    Cell cell{node.node.id, {}, choice.memory.bytes, choice.memory.page_size_bytes};
    pin(choice, placement, cell.cpus);
    placement.emulator_cpus |= node.host_cpus;
    placement.cells.push_back(std::move(cell));
  }
  placement.threads_per_core = threads_per_core(solution.split);
  return placement;
}

}  // namespace gpupass
