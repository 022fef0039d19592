// SPDX-License-Identifier: LGPL-2.1-or-later
#include <functional>
#include <set>
#include <string_view>

#include "guest/edit/domain.hpp"
#include "guest/model/libvirt_values.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

void set_count(Definition& text, unsigned vcpus) {
  const bool changes = vcpus_of(text.root()) != vcpus;
  const bool placed =
      text.child("vcpu") && std::string_view(text.child("vcpu").attribute("placement").value()) != "auto";
  text.write("vcpu", std::to_string(vcpus));
  if (!placed) text.set(text.child("vcpu"), "placement", "static");
  // What each vCPU runs on stands in <cputune>, and all of them are there from the start.
  for (const char* other : {"cpuset", "current"})
    if (const pugi::xml_attribute attribute = text.child("vcpu").attribute(other))
      text.remove(text.child("vcpu"), attribute);
  const pugi::xml_node each = text.child("vcpus");
  if (each && (changes || each.find_child_by_attribute("vcpu", "enabled", "no"))) text.remove(each);
}

/// The vCPUs that a scheduler is set for: libvirt refuses those that there are no longer.
void cut_schedulers(Definition& text, const Placement& placement) {
  CpuSet vcpus;
  for (const VcpuPin& pin : placement.vcpu_pins) vcpus.insert(pin.vcpu);
  const auto is_past = [&](pugi::xml_node child) {
    const auto named = set_from(child.attribute("vcpus").value());
    return std::string_view(child.name()) == "vcpusched" && named && !vcpus.contains(*named);
  };
  while (const pugi::xml_node past = text.child("cputune").find_child(is_past)) {
    const CpuSet left = *set_from(past.attribute("vcpus").value()) & vcpus;
    if (left.empty())
      text.remove(past);
    else
      text.set(past, "vcpus", left.to_string());
  }
}

void append_pin(pugi::xml_node cputune, const VcpuPin& pin) {
  pugi::xml_node element = cputune.append_child("vcpupin");
  element.append_attribute("vcpu") = pin.vcpu;
  element.append_attribute("cpuset") = pin.cpus.to_string().c_str();
}

pugi::xml_node pin_of(const Definition& text, unsigned vcpu) {
  return text.child("cputune").find_child_by_attribute("vcpupin", "vcpu", std::to_string(vcpu).c_str());
}

void set_pin(Definition& text, const VcpuPin& pin) {
  const pugi::xml_node present = pin_of(text, pin.vcpu);
  if (!present) {
    pugi::xml_document scratch;
    append_pin(scratch, pin);
    text.insert(text.child("cputune"), scratch.first_child());
  } else if (!says(present.attribute("cpuset"), pin.cpus)) {
    text.set(present, "cpuset", pin.cpus.to_string());
  }
}

/// Pins of vCPUs that there are no longer.
void remove_stale_pins(Definition& text, const Placement& placement) {
  std::set<std::string, std::less<>> vcpus;
  for (const VcpuPin& pin : placement.vcpu_pins) vcpus.insert(std::to_string(pin.vcpu));
  text.remove_all(text.child("cputune"), [&](pugi::xml_node child) {
    return std::string_view(child.name()) == "vcpupin" &&
           !vcpus.contains(std::string_view(child.attribute("vcpu").value()));
  });
}

void set_emulator(Definition& text, const CpuSet& cpus) {
  pugi::xml_node present = text.child("cputune").child("emulatorpin");
  if (present && says(present.attribute("cpuset"), cpus)) return;
  if (present) return text.set(present, "cpuset", cpus.to_string());
  pugi::xml_document scratch;
  pugi::xml_node wanted = scratch.append_child("emulatorpin");
  wanted.append_attribute("cpuset") = cpus.to_string().c_str();
  text.insert(text.child("cputune"), wanted);
}

/// I/O threads stay off the vCPUs' cores: those that a base pinned elsewhere go to the emulator's CPUs.
void move_iothreads(Definition& text, const CpuSet& cpus) {
  const auto astray = [&](pugi::xml_node child) {
    if (std::string_view(child.name()) != "iothreadpin") return false;
    const auto pinned = CpuSet::parse(child.attribute("cpuset").value());
    return !says(child.attribute("cpuset"), cpus) && !(pinned && cpus.contains(*pinned));
  };
  while (const pugi::xml_node pin = text.child("cputune").find_child(astray))
    text.set(pin, "cpuset", cpus.to_string());
}

}  // namespace

void set_vcpus(Definition& text, const Placement& placement) {
  set_count(text, static_cast<unsigned>(placement.vcpu_pins.size()));
  if (!text.child("cputune")) {
    pugi::xml_document scratch;
    pugi::xml_node cputune = scratch.append_child("cputune");
    for (const VcpuPin& pin : placement.vcpu_pins) append_pin(cputune, pin);
    text.insert(text.root(), cputune);
  }
  remove_stale_pins(text, placement);
  cut_schedulers(text, placement);
  for (const VcpuPin& pin : placement.vcpu_pins) set_pin(text, pin);
  set_emulator(text, placement.emulator_cpus);
  move_iothreads(text, placement.emulator_cpus);
}

}  // namespace gpupass
