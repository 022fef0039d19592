// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string_view>

#include "render/domain.hpp"
#include "render/domain_values.hpp"

namespace gpupass {

namespace {

/// The vCPUs whose CPUs back a cell.
CpuSet vcpus_of(const Cell& cell, const Placement& placement) {
  CpuSet vcpus;
  for (const VcpuPin& pin : placement.vcpu_pins)
    if (cell.cpus.contains(pin.cpus)) vcpus.insert(pin.vcpu);
  return vcpus;
}

/// A mode that passes the host's own CPU through needs KVM. A mode that a base chose is otherwise its own
/// affair.
void set_mode(DomainText& text, const Request& request) {
  const char* mode = request.virt_type == VirtType::Kvm ? "host-passthrough" : "maximum";
  const pugi::xml_node present = text.child("cpu");
  if (!present) {
    pugi::xml_document scratch;
    pugi::xml_node cpu = scratch.append_child("cpu");
    cpu.append_attribute("mode") = mode;
    cpu.append_attribute("check") = "none";
    cpu.append_attribute("migratable") = "off";
    return text.insert(text.root(), cpu);
  }
  const std::string_view current = present.attribute("mode").value();
  const bool needs_kvm = current == "host-passthrough" || current == "host-model";
  if (needs_kvm && request.virt_type == VirtType::Qemu) text.set(present, "mode", mode);
}

struct Topology {
  std::size_t sockets = 1, dies = 1, cores = 1, threads = 1;
  friend bool operator==(const Topology&, const Topology&) = default;
};

/// A socket for each cell, where the vCPUs divide so.
Topology wanted_topology(const Placement& placement) {
  Topology topology;
  topology.threads = placement.threads_per_core;
  topology.cores = placement.vcpu_pins.size() / topology.threads;
  if (const std::size_t cells = placement.cells.size(); cells != 0 && topology.cores % cells == 0) {
    topology.sockets = cells;
    topology.cores /= cells;
  }
  return topology;
}

void set_topology(DomainText& text, const Placement& placement) {
  const Topology wanted = wanted_topology(placement);
  if (const pugi::xml_node present = text.child("cpu").child("topology")) {
    const auto value = [&](const char* name) { return std::size_t{present.attribute(name).as_uint(1)}; };
    if (Topology{value("sockets"), value("dies"), value("cores"), value("threads")} == wanted &&
        value("clusters") == 1)
      return;
  }
  pugi::xml_document scratch;
  pugi::xml_node element = scratch.append_child("topology");
  element.append_attribute("sockets") = wanted.sockets;
  element.append_attribute("dies") = wanted.dies;
  element.append_attribute("cores") = wanted.cores;
  element.append_attribute("threads") = wanted.threads;
  text.put(text.child("cpu"), element);
}

void write_cell(pugi::xml_node numa, unsigned id, const Placement& placement) {
  const Cell& cell = placement.cells[id];
  const Size size = size_of(cell.memory_bytes);
  pugi::xml_node element = numa.append_child("cell");
  element.append_attribute("id") = id;
  element.append_attribute("cpus") = vcpus_of(cell, placement).to_string().c_str();
  element.append_attribute("memory") = size.number.c_str();
  element.append_attribute("unit") = size.unit.c_str();
}

/// Changes just the vCPUs and the memory of a cell, so that what else it says (memAccess, distances) stays.
void set_cell(DomainText& text, unsigned id, const Placement& placement) {
  const auto element = [&] {
    return text.child("cpu").child("numa").find_child_by_attribute("cell", "id", std::to_string(id).c_str());
  };
  const Cell& cell = placement.cells[id];
  const CpuSet vcpus = vcpus_of(cell, placement);
  if (!says(element().attribute("cpus"), vcpus)) text.set(element(), "cpus", vcpus.to_string());
  if (bytes_from(element().attribute("memory").value(), element().attribute("unit").value()) ==
      cell.memory_bytes)
    return;
  const Size size = size_of(cell.memory_bytes);
  text.set(element(), "memory", size.number);
  text.set(element(), "unit", size.unit);
}

void set_cells(DomainText& text, const Placement& placement) {
  pugi::xml_document scratch;
  pugi::xml_node numa = scratch.append_child("numa");
  for (unsigned id = 0; id < placement.cells.size(); ++id) write_cell(numa, id, placement);

  const pugi::xml_node present = text.child("cpu").child("numa");
  std::size_t known = 0;
  for (const pugi::xml_node cell : numa.children())
    if (present.find_child_by_attribute("cell", "id", cell.attribute("id").value())) ++known;
  const auto cells = present.children("cell");
  if (known != placement.cells.size() ||
      std::distance(cells.begin(), cells.end()) != static_cast<std::ptrdiff_t>(known))
    return text.put(text.child("cpu"), numa);
  for (unsigned id = 0; id < placement.cells.size(); ++id) set_cell(text, id, placement);
}

}  // namespace

void set_cpu(DomainText& text, const Request& request, const Placement& placement) {
  set_mode(text, request);
  set_topology(text, placement);
  set_cells(text, placement);
}

}  // namespace gpupass
