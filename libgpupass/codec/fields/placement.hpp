// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"

/// What a guest wants, and what it gets.
namespace gpupass {

void fields(auto& visit, Is<Cell> auto& cell) {
  visit("node", cell.node);
  visit("cpus", cell.cpus);
  visit("memory_bytes", cell.memory_bytes);
  visit("page_size_bytes", cell.page_size_bytes);
}

void fields(auto& visit, Is<VcpuPin> auto& pin) {
  visit("vcpu", pin.vcpu);
  visit("cpus", pin.cpus);
}

void fields(auto& visit, Is<Gap> auto& gap) {
  visit("gpu_nodes", gap.gpu_nodes);
  visit("least_gpu_nodes", gap.least_gpu_nodes);
  visit("gpu_distance", gap.gpu_distance);
  visit("least_gpu_distance", gap.least_gpu_distance);
}

void fields(auto& visit, Is<Placement> auto& placement) {
  visit("gpus", placement.gpus);
  visit("devices", placement.devices);
  visit("cells", placement.cells);
  visit("vcpu_pins", placement.vcpu_pins);
  visit("threads_per_core", placement.threads_per_core);
  visit("emulator_cpus", placement.emulator_cpus);
  visit("reasons", placement.reasons, kAddedLater);
  visit("gap", placement.gap, kAddedLater);
}

void fields(auto& visit, Is<CellRequest> auto& cell) {
  visit("node", cell.node);
  visit("vcpus", cell.vcpus);
  visit("memory_bytes", cell.memory_bytes);
}

void fields(auto& visit, Is<Request> auto& request) {
  visit("name", request.name);
  visit("gpus", request.gpus);
  visit("gpu_count", request.gpu_count);
  visit("devices", request.devices);
  visit("vcpus", request.vcpus);
  visit("memory_bytes", request.memory_bytes);
  visit("cells", request.cells);
  visit("numa", request.numa);
  visit("page_size_bytes", request.page_size_bytes);
  visit("virt_type", request.virt_type);
  visit("firmware", request.firmware);
  visit("disks", request.disks);
  visit("networks", request.networks);
  visit("reserved_cpus", request.reserved_cpus);
  visit("force", request.force);
  visit("guest", request.guest);
  visit("secure_boot", request.secure_boot);
  visit("tpm", request.tpm);
  visit("hide_hypervisor", request.hide_hypervisor);
  visit("rom_file", request.rom_file);
  visit("cdroms", request.cdroms, kAddedLater);
  visit("seed", request.seed, kAddedLater);
  visit("agent", request.agent, kAddedLater);
  visit("display", request.display, kAddedLater);
}

void fields(auto& visit, Is<Packed> auto& packed) {
  visit("host", packed.host);
  visit("placement", packed.placement);
  visit("refusal", packed.refusal);
}

void fields(auto& visit, Is<Packing> auto& packing) {
  visit("guests", packing.guests);
  visit("gpus", packing.gpus);
  visit("most_gpus", packing.most_gpus);
  visit("most_guests", packing.most_guests);
}

void fields(auto& visit, Is<MadeDefinition> auto& made) {
  visit("request", made.request);
  visit("placement", made.placement);
  visit("xml", made.xml);
  visit("findings", made.findings);
}

}  // namespace gpupass
