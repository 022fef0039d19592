// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "guest/edit/domain.hpp"
#include "guest/text/values.hpp"
#include "values/numa.hpp"

namespace gpupass {

namespace {

/// Modes that describe the CPU of the host, and need KVM.
bool is_the_hosts(std::string_view mode) {
  return mode == "host-passthrough" || mode == "host-model";
}

/// The vCPUs whose CPUs back a cell.
CpuSet vcpus_in(const Cell& cell, const Placement& placement) {
  CpuSet vcpus;
  for (const VcpuPin& pin : placement.vcpu_pins)
    if (cell.cpus.contains(pin.cpus)) vcpus.insert(pin.vcpu);
  return vcpus;
}

void insert_cpu(Definition& text, const char* mode) {
  pugi::xml_document scratch;
  pugi::xml_node cpu = scratch.append_child("cpu");
  cpu.append_attribute("mode") = mode;
  cpu.append_attribute("check") = "none";
  cpu.append_attribute("migratable") = "off";
  // The sizes and the sharing of the host's own caches, by which libraries split their work.
  if (std::string_view(mode) == "host-passthrough")
    cpu.append_child("cache").append_attribute("mode") = "passthrough";
  text.insert(text.root(), cpu);
}

/// A mode that passes the host's own CPU through needs KVM. Otherwise the base's mode stays.
void set_mode(Definition& text, const Request& request) {
  const char* mode = request.virt_type == VirtType::Qemu ? "maximum" : "host-passthrough";
  const pugi::xml_node present = text.child("cpu");
  if (!present) return insert_cpu(text, mode);
  if (is_the_hosts(present.attribute("mode").value()) && request.virt_type == VirtType::Qemu)
    text.set(present, "mode", mode);
}

/// Without topoext a guest on AMD's CPUs, and Hygon's, sees no SMT siblings.
void set_siblings(Definition& text, const Host& host, const Placement& placement) {
  const std::string vendor = host.cpu_vendor.value_or("");
  if (vendor != "AuthenticAMD" && vendor != "HygonGenuine") return;
  const pugi::xml_node cpu = text.child("cpu");
  if (placement.threads_per_core != 2 || !is_the_hosts(cpu.attribute("mode").value()) ||
      cpu.find_child_by_attribute("feature", "name", "topoext"))
    return;
  pugi::xml_document scratch;
  pugi::xml_node feature = scratch.append_child("feature");
  feature.append_attribute("policy") = "require";
  feature.append_attribute("name") = "topoext";
  text.insert(cpu, feature);
}

struct Topology {
  std::size_t sockets = 1, dies = 1, cores = 1, threads = 1;
  friend bool operator==(const Topology&, const Topology&) = default;
};

/// A socket for each cell, where all of them have the same number of whole cores: a socket's end in the
/// middle of a cell would tell the guest of caches that are not shared so.
Topology wanted_topology(const Placement& placement) {
  Topology topology;
  topology.threads = placement.threads_per_core;
  topology.cores = placement.vcpu_pins.size() / topology.threads;
  const std::size_t cells = placement.cells.size();
  if (cells == 0 || topology.cores % cells != 0) return topology;
  const std::size_t share = topology.cores / cells;
  for (const Cell& cell : placement.cells)
    if (vcpus_in(cell, placement).size() != share * topology.threads) return topology;
  topology.sockets = cells;
  topology.cores = share;
  return topology;
}

void set_topology(Definition& text, const Placement& placement) {
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

constexpr unsigned kLocalDistance = 10;
constexpr unsigned kUnreachable = 255;

/// How far the host's nodes of two cells are from each other; nullopt where the firmware gives no distance
/// that a guest's own table could hold.
std::optional<unsigned> distance_between(const Host& host, const Cell& from, const Cell& to) {
  if (from.node == to.node) return kLocalDistance;
  const auto distance = distance_of_nodes(host, from.node, to.node);
  const bool fits = distance && *distance >= kLocalDistance && *distance < kUnreachable;
  return fits ? distance : std::nullopt;
}

/// The distances from one cell to all; empty unless all are known: QEMU takes no half table.
std::vector<unsigned> distances_from(unsigned id, const Host& host, const Placement& placement) {
  std::vector<unsigned> distances;
  if (placement.cells.size() < 2) return distances;
  for (const Cell& from : placement.cells)
    for (const Cell& to : placement.cells) {
      const auto distance = distance_between(host, from, to);
      if (!distance) return {};
      if (&from == &placement.cells[id]) distances.push_back(*distance);
    }
  return distances;
}

void write_distances(pugi::xml_node cell, const std::vector<unsigned>& distances) {
  pugi::xml_node element = cell.append_child("distances");
  for (unsigned other = 0; other < distances.size(); ++other) {
    pugi::xml_node sibling = element.append_child("sibling");
    sibling.append_attribute("id") = other;
    sibling.append_attribute("value") = distances[other];
  }
}

/// The cell of a definition that a new one takes the place of: what else it says of its memory goes on.
pugi::xml_node former_cell(pugi::xml_node numa, unsigned id) {
  const pugi::xml_node same_id = numa.find_child_by_attribute("cell", "id", std::to_string(id).c_str());
  return same_id ? same_id : numa.child("cell");
}

void write_cell(pugi::xml_node numa, unsigned id, const Host& host, const Placement& placement,
                pugi::xml_node former) {
  const Cell& cell = placement.cells[id];
  const Size size = size_of(cell.memory_bytes);
  pugi::xml_node element = numa.append_child("cell");
  element.append_attribute("id") = id;
  element.append_attribute("cpus") = vcpus_in(cell, placement).to_string().c_str();
  element.append_attribute("memory") = size.number.c_str();
  element.append_attribute("unit") = size.unit.c_str();
  for (const char* other : {"memAccess", "discard"})
    if (const pugi::xml_attribute attribute = former.attribute(other)) element.append_copy(attribute);
  const std::vector<unsigned> distances = distances_from(id, host, placement);
  if (!distances.empty()) write_distances(element, distances);
}

/// Changes just the vCPUs, the memory and the distances of a cell, so that what else it says (memAccess)
/// stays.
void set_cell(Definition& text, unsigned id, const Host& host, const Placement& placement) {
  const pugi::xml_node element =
      text.child("cpu").child("numa").find_child_by_attribute("cell", "id", std::to_string(id).c_str());
  const Cell& cell = placement.cells[id];
  const CpuSet vcpus = vcpus_in(cell, placement);
  if (!says(element.attribute("cpus"), vcpus)) text.set(element, "cpus", vcpus.to_string());
  if (bytes_from(element.attribute("memory").value(), element.attribute("unit").value()) !=
      cell.memory_bytes) {
    const Size size = size_of(cell.memory_bytes);
    text.set(element, "memory", size.number);
    text.set(element, "unit", size.unit);
  }
  const std::vector<unsigned> distances = distances_from(id, host, placement);
  if (distances.empty()) return;
  pugi::xml_document scratch;
  write_distances(scratch, distances);
  text.put(element, scratch.first_child());
}

void set_cells(Definition& text, const Host& host, const Placement& placement) {
  const pugi::xml_node present = text.child("cpu").child("numa");
  pugi::xml_document scratch;
  pugi::xml_node numa = scratch.append_child("numa");
  for (unsigned id = 0; id < placement.cells.size(); ++id)
    write_cell(numa, id, host, placement, former_cell(present, id));

  std::size_t known = 0;
  for (const pugi::xml_node cell : numa.children())
    if (present.find_child_by_attribute("cell", "id", cell.attribute("id").value())) ++known;
  const auto cells = present.children("cell");
  if (known != placement.cells.size() ||
      std::distance(cells.begin(), cells.end()) != static_cast<std::ptrdiff_t>(known))
    text.put(text.child("cpu"), numa);
  else
    for (unsigned id = 0; id < placement.cells.size(); ++id) set_cell(text, id, host, placement);
}

}  // namespace

void set_cpu(Definition& text, const Host& host, const Request& request, const Placement& placement) {
  set_mode(text, request);
  set_topology(text, placement);
  set_siblings(text, host, placement);
  set_cells(text, host, placement);
}

}  // namespace gpupass
