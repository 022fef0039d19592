// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/host.hpp"

/// PCI functions, IOMMU groups, the IOMMU, and what else guests need.
namespace gpupass {

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

void fields(auto& visit, Is<ResizableBar> auto& bar) {
  visit("index", bar.index);
  visit("size_bytes", bar.size_bytes);
  visit("largest_bytes", bar.largest_bytes);
}

void fields(auto& visit, Is<PciConfig> auto& config) {
  visit("bridge", config.bridge);
  visit("multifunction", config.multifunction);
  visit("express", config.express);
  visit("acs", config.acs);
  visit("function_reset", config.function_reset);
  visit("serial", config.serial);
  visit("slot", config.slot);
  visit("resizable_bars", config.resizable_bars);
}

void fields(auto& visit, Is<PciErrors> auto& errors) {
  visit("correctable", errors.correctable);
  visit("nonfatal", errors.nonfatal);
  visit("fatal", errors.fatal);
}

void fields(auto& visit, Is<Sriov> auto& sriov) {
  visit("total_vfs", sriov.total_vfs);
  visit("vfs", sriov.vfs);
}

void fields(auto& visit, Is<MediatedType> auto& type) {
  visit("type", type.type);
  visit("name", type.name);
  visit("description", type.description);
  visit("device_api", type.device_api);
  visit("available", type.available);
  visit("devices", type.devices);
}

void fields(auto& visit, Is<VgpuType> auto& type) {
  visit("id", type.id);
  visit("name", type.name);
}

void fields(auto& visit, Is<Slicing> auto& slicing) {
  visit("drivers_autoprobe", slicing.drivers_autoprobe);
  visit("sriov_admin", slicing.sriov_admin);
  visit("mediated_types", slicing.mediated_types);
  visit("creatable_vgpus", slicing.creatable_vgpus);
}

void fields(auto& visit, Is<MigSpan> auto& span) {
  visit("start", span.start);
  visit("size", span.size);
}

void fields(auto& visit, Is<MigComputeInstance> auto& instance) {
  visit("id", instance.id);
  visit("profile_id", instance.profile_id);
  visit("span", instance.span);
  visit("uuid", instance.uuid);
  visit("processes", instance.processes);
}

void fields(auto& visit, Is<MigGpuInstance> auto& instance) {
  visit("id", instance.id);
  visit("profile_id", instance.profile_id);
  visit("start", instance.start);
  visit("size", instance.size);
  visit("compute", instance.compute);
}

void fields(auto& visit, Is<Mig> auto& mig) {
  visit("enabled", mig.enabled);
  visit("pending", mig.pending);
  visit("instances", mig.instances);
}

void fields(auto& visit, Is<KnownModel> auto& known) {
  visit("model", known.model);
  visit("source", known.source);
  visit("remedy", known.remedy);
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
  visit("vfio_device", function.vfio_device);
  visit("vfio_driver", function.vfio_driver);
  visit("vgpu_type", function.vgpu_type);
  visit("iommu_group", function.iommu_group);
  visit("numa_node", function.numa_node);
  visit("parent", function.parent);
  visit("root_bus", function.root_bus);
  visit("link", function.link);
  visit("errors", function.errors);
  visit("bars", function.bars);
  visit("reset_methods", function.reset_methods);
  visit("boot_vga", function.boot_vga);
  visit("sriov", function.sriov);
  visit("physical_function", function.physical_function);
  visit("virtual_functions", function.virtual_functions);
  visit("mdev_types", function.mdev_types);
  visit("slicing", function.slicing);
  visit("mig", function.mig);
  visit("power_state", function.power_state);
  visit("d3cold_allowed", function.d3cold_allowed);
  visit("persistence", function.persistence);
  visit("memory_bytes", function.memory_bytes);
  visit("config", function.config);
  visit("known_model", function.known_model);
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
  visit("options_tool", iommu.options_tool);
}

void fields(auto& visit, Is<Platform> auto& platform) {
  visit("cpu_virtualization", platform.cpu_virtualization);
  visit("virtual_machine", platform.virtual_machine);
  visit("kvm", platform.kvm);
  visit("vfio_pci", platform.vfio_pci);
  visit("vfio_container", platform.vfio_container);
  visit("iommufd", platform.iommufd);
  visit("lockdown", platform.lockdown);
}

}  // namespace gpupass
