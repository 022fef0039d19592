// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <concepts>
#include <type_traits>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"

/// The fields of each value and their keys, defined once for writing and reading. No field is called
/// "unknown" or "bytes": these keys mark a substitute for a value.
namespace gpupass {

/// Marks a field that files of earlier versions lack: there it keeps its default.
struct AddedLater {};
inline constexpr AddedLater kAddedLater;

/// Either const or not: who writes JSON has the one, who reads it the other.
template <typename T, typename Value>
concept Is = std::same_as<std::remove_const_t<T>, Value>;

void fields(auto& visit, Is<Bar> auto& bar) {
  visit("index", bar.index);
  visit("start", bar.start);
  visit("size_bytes", bar.size_bytes);
  visit("memory", bar.memory);
  visit("is_64bit", bar.is_64bit);
  visit("prefetchable", bar.prefetchable);
}

void fields(auto& visit, Is<PciLink> auto& link) {
  visit("speed_gts", link.speed_gts);
  visit("width", link.width);
  visit("max_speed_gts", link.max_speed_gts);
  visit("max_width", link.max_width);
}

void fields(auto& visit, Is<Acs> auto& acs) {
  visit("capability", acs.capability);
  visit("control", acs.control);
}

void fields(auto& visit, Is<PciConfig> auto& config) {
  visit("bridge", config.bridge);
  visit("multifunction", config.multifunction);
  visit("express", config.express);
  visit("acs", config.acs);
  visit("function_reset", config.function_reset);
  visit("serial", config.serial);
}

void fields(auto& visit, Is<Sriov> auto& sriov) {
  visit("total_vfs", sriov.total_vfs);
  visit("vfs", sriov.vfs);
}

void fields(auto& visit, Is<PciFunction> auto& function) {
  visit("address", function.address);
  visit("class", function.class_code);
  visit("vendor", function.vendor);
  visit("device", function.device);
  visit("subsystem_vendor", function.subsystem_vendor);
  visit("subsystem_device", function.subsystem_device);
  visit("revision", function.revision);
  visit("driver", function.driver);
  visit("driver_override", function.driver_override);
  visit("iommu_group", function.iommu_group);
  visit("numa_node", function.numa_node);
  visit("parent", function.parent);
  visit("root_bus", function.root_bus);
  visit("link", function.link);
  visit("bars", function.bars);
  visit("reset_methods", function.reset_methods);
  visit("boot_vga", function.boot_vga);
  visit("sriov", function.sriov);
  visit("physical_function", function.physical_function);
  visit("virtual_functions", function.virtual_functions);
  visit("mdev_types", function.mdev_types);
  visit("power_state", function.power_state);
  visit("d3cold_allowed", function.d3cold_allowed);
  visit("persistence", function.persistence);
  visit("config", function.config);
  visit("uuid", function.uuid);
}

void fields(auto& visit, Is<IommuGroup> auto& group) {
  visit("id", group.id);
  visit("members", group.members);
  visit("type", group.type);
  visit("reserved_regions", group.reserved_regions);
}

void fields(auto& visit, Is<Iommu> auto& iommu) {
  visit("units", iommu.units);
  visit("firmware_tables", iommu.firmware_tables);
  visit("interrupt_remapping", iommu.interrupt_remapping);
  visit("unsafe_interrupts", iommu.unsafe_interrupts);
  visit("address_bits", iommu.address_bits);
  visit("kernel_options", iommu.kernel_options);
}

void fields(auto& visit, Is<Package> auto& package) {
  visit("id", package.id);
  visit("cpus", package.cpus);
}

void fields(auto& visit, Is<Cache> auto& cache) {
  visit("level", cache.level);
  visit("size_bytes", cache.size_bytes);
  visit("cpus", cache.cpus);
}

void fields(auto& visit, Is<Core> auto& core) {
  visit("cpus", core.cpus);
}

void fields(auto& visit, Is<CpuTopology> auto& topology) {
  visit("cpus", topology.cpus);
  visit("packages", topology.packages);
  visit("last_level_caches", topology.last_level_caches);
  visit("cores", topology.cores);
}

void fields(auto& visit, Is<HugePages> auto& pool) {
  visit("page_size_bytes", pool.page_size_bytes);
  visit("total", pool.total);
  visit("free", pool.free);
}

void fields(auto& visit, Is<NumaNode> auto& node) {
  visit("id", node.id);
  visit("cpus", node.cpus);
  visit("memory_bytes", node.memory_bytes);
  visit("free_bytes", node.free_bytes);
  visit("huge_pages", node.huge_pages);
  visit("distances", node.distances);
}

void fields(auto& visit, Is<Domain> auto& domain) {
  visit("name", domain.name);
  visit("uuid", domain.uuid);
  visit("active", domain.active);
  visit("persistent", domain.persistent);
  visit("autostart", domain.autostart);
  visit("live_devices", domain.live_devices);
  visit("persistent_devices", domain.persistent_devices);
  visit("pinned_cpus", domain.pinned_cpus);
  visit("live_xml", domain.live_xml);
  visit("persistent_xml", domain.persistent_xml);
}

void fields(auto& visit, Is<DeviceUser> auto& user) {
  visit("device", user.device);
  visit("node", user.node);
  visit("pid", user.pid);
  visit("command", user.command);
  visit("service", user.service, kAddedLater);
}

void fields(auto& visit, Is<Holder> auto& holder) {
  visit("iommu_group", holder.iommu_group);
  visit("pid", holder.pid);
  visit("command", holder.command);
}

void fields(auto& visit, Is<DeviceUse> auto& use) {
  visit("address", use.address);
  visit("kind", use.kind);
  visit("what", use.what);
}

void fields(auto& visit, Is<Claim> auto& claim) {
  visit("owner", claim.owner);
  visit("where", claim.where);
  visit("device", claim.device);
  visit("driver", claim.driver);
}

void fields(auto& visit, Is<Keyboard> auto& keyboard) {
  visit("input", keyboard.input);
  visit("address", keyboard.address);
}

void fields(auto& visit, Is<DirectLink> auto& link) {
  visit("first", link.first);
  visit("second", link.second);
  visit("kind", link.kind);
}

void fields(auto& visit, Is<Limit> auto& limit) {
  visit("what", limit.what);
  visit("why", limit.why);
}

void fields(auto& visit, Is<DriverState> auto& state) {
  visit("driver", state.driver);
  visit("driver_override", state.driver_override);
}

/// An id that every record of its kind has.
void visit_id(auto& visit, const char* key, Is<std::optional<std::uint16_t>> auto& id) {
  std::uint16_t number = id.value_or(0);
  visit(key, number);
  if constexpr (requires { id = number; }) id = number;
}

/// An id that a record may lack: 0 stands for none.
void visit_id_or_zero(auto& visit, const char* key, Is<std::optional<std::uint16_t>> auto& id) {
  std::uint16_t number = id.value_or(0);
  visit(key, number, kAddedLater);
  if constexpr (requires { id = number; }) id = number == 0 ? std::nullopt : std::optional(number);
}

void fields(auto& visit, Is<Home> auto& home) {
  visit("address", home.address);
  visit("state", home.state);
  visit_id(visit, "vendor", home.identity.vendor);
  visit_id(visit, "device", home.identity.device);
  visit("d3cold_allowed", home.d3cold_allowed, kAddedLater);
  visit("persistence", home.persistence, kAddedLater);
  visit_id_or_zero(visit, "subsystem_vendor", home.identity.subsystem_vendor);
  visit_id_or_zero(visit, "subsystem_device", home.identity.subsystem_device);
  visit("serial", home.identity.serial, kAddedLater);
  visit("uuid", home.identity.uuid, kAddedLater);
  visit("path", home.identity.path, kAddedLater);
}

void fields(auto& visit, Is<BootBinding> auto& binding) {
  visit("address", binding.address);
  visit_id(visit, "vendor", binding.identity.vendor);
  visit_id(visit, "device", binding.identity.device);
  visit_id(visit, "subsystem_vendor", binding.identity.subsystem_vendor);
  visit_id(visit, "subsystem_device", binding.identity.subsystem_device);
  visit("serial", binding.identity.serial, kAddedLater);
}

void fields(auto& visit, Is<BootImage> auto& image) {
  visit("kernel", image.kernel);
  visit("path", image.path);
}

void fields(auto& visit, Is<BootHook> auto& hook) {
  visit("path", hook.path);
  visit("content", hook.content);
}

void fields(auto& visit, Is<BootImages> auto& images) {
  visit("tool", images.tool);
  visit("hooks", images.hooks, kAddedLater);
  visit("images", images.images);
}

void fields(auto& visit, Is<Host> auto& host) {
  visit("functions", host.functions);
  visit("groups", host.groups);
  visit("iommu", host.iommu);
  visit("architecture", host.architecture);
  visit("cpu_vendor", host.cpu_vendor);
  visit("cpu_address_bits", host.cpu_address_bits);
  visit("cpus", host.cpus);
  visit("offline_cpus", host.offline_cpus);
  visit("isolated_cpus", host.isolated_cpus);
  visit("numa_nodes", host.numa_nodes);
  visit("direct_links", host.direct_links);
  visit("domains", host.domains);
  visit("holders", host.holders);
  visit("users", host.users);
  visit("uses", host.uses);
  visit("keyboards", host.keyboards);
  visit("claims", host.claims);
  visit("homes", host.homes);
  visit("boot_bindings", host.boot_bindings);
  visit("boot_images", host.boot_images);
  visit("wedged", host.wedged);
  visit("limits", host.limits, kAddedLater);
}

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

void fields(auto& visit, Is<Placement> auto& placement) {
  visit("gpus", placement.gpus);
  visit("devices", placement.devices);
  visit("cells", placement.cells);
  visit("vcpu_pins", placement.vcpu_pins);
  visit("threads_per_core", placement.threads_per_core);
  visit("emulator_cpus", placement.emulator_cpus);
  visit("reasons", placement.reasons, kAddedLater);
}

void fields(auto& visit, Is<Finding> auto& finding) {
  visit("id", finding.id);
  visit("verdict", finding.verdict);
  visit("subject", finding.subject);
  visit("message", finding.message);
  visit("remedy", finding.remedy);
}

void fields(auto& visit, Is<Selection> auto& selection) {
  visit("gpus", selection.gpus);
  visit("passed_over", selection.passed_over);
}

void fields(auto& visit, Is<GroupMember> auto& member) {
  visit("address", member.address);
  visit("role", member.role);
}

void fields(auto& visit, Is<Isolation> auto& isolation) {
  visit("kernel", isolation.kernel);
  visit("acs", isolation.acs);
  visit("peers", isolation.peers);
  visit("merged_by", isolation.merged_by);
  visit("why", isolation.why);
}

void fields(auto& visit, Is<Assessment> auto& assessment) {
  visit("address", assessment.device);
  visit("virtual_function", assessment.virtual_function);
  visit("functions", assessment.functions);
  visit("state", assessment.state);
  visit("domain", assessment.domain);
  visit("wanted_by", assessment.wanted_by);
  visit("assignable", assessment.assignable);
  visit("reasons", assessment.reasons);
  visit("group_members", assessment.group_members, kAddedLater);
  visit("isolation", assessment.isolation, kAddedLater);
  visit("bound_at_boot", assessment.bound_at_boot, kAddedLater);
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
}

void fields(auto& visit, Is<StepResult> auto& step) {
  visit("summary", step.summary);
  visit("state", step.state);
  visit("reason", step.reason);
  visit("undo", step.undo);
  visit("undo_reason", step.undo_reason);
}

void fields(auto& visit, Is<Report> auto& report) {
  visit("outcome", report.outcome);
  visit("changed", report.changed);
  visit("steps", report.steps);
}

void fields(auto& visit, Is<Operation> auto& operation) {
  visit("id", operation.id);
  visit("time", operation.time);
  visit("boot", operation.boot_id);
  visit("hypervisor", operation.hypervisor);
  visit("plan", operation.plan);
  visit("begun", operation.started);
  visit("outcome", operation.outcome);
  visit("left", operation.left);
  visit("unreadable", operation.unreadable, kAddedLater);
}

}  // namespace gpupass
