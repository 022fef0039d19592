// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/host.hpp"

/// What gpupass has left on the host.
namespace gpupass {

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
  visit("services", home.made_way.services, kAddedLater);
  visit("console", home.made_way.console, kAddedLater);
  visit("framebuffer", home.made_way.framebuffer, kAddedLater);
  visit("guest", home.guest, kAddedLater);
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

void fields(auto& visit, Is<OwnFile> auto& file) {
  visit("path", file.path);
  visit("content", file.content);
}

void fields(auto& visit, Is<BootImages> auto& images) {
  visit("tool", images.tool);
  visit("hooks", images.hooks, kAddedLater);
  visit("images", images.images);
}

/// Which device a record means.
void visit_identity(auto& visit, Is<Identity> auto& identity) {
  visit_id(visit, "vendor", identity.vendor);
  visit_id(visit, "device", identity.device);
  visit_id_or_zero(visit, "subsystem_vendor", identity.subsystem_vendor);
  visit_id_or_zero(visit, "subsystem_device", identity.subsystem_device);
  visit("serial", identity.serial, kAddedLater);
}

void fields(auto& visit, Is<GpuName> auto& name) {
  visit("name", name.name);
  visit("address", name.address);
  visit_identity(visit, name.identity);
}

void fields(auto& visit, Is<RequestDefaults> auto& defaults) {
  visit("numa", defaults.numa);
  visit("page_size_bytes", defaults.page_size_bytes);
  visit("virt_type", defaults.virt_type);
  visit("firmware", defaults.firmware);
}

void fields(auto& visit, Is<Settings> auto& settings) {
  visit("names", settings.names);
  visit("reserved_cpus", settings.reserved_cpus);
  visit("stop", settings.stop);
  visit("defaults", settings.defaults);
  visit("tune", settings.tune, kAddedLater);
}

void fields(auto& visit, Is<Tunable> auto& tunable) {
  visit("kind", tunable.kind);
  visit("name", tunable.name);
}

void fields(auto& visit, Is<TunableState> auto& state) {
  visit("tunable", state.tunable);
  visit("value", state.value);
  visit("cpus", state.cpus);
  visit("device", state.device);
}

void fields(auto& visit, Is<TunedGuest> auto& guest) {
  visit("name", guest.name);
  visit("cpus", guest.cpus);
  visit("devices", guest.devices);
}

void fields(auto& visit, Is<TunedSetting> auto& setting) {
  visit("tunable", setting.tunable);
  visit("found", setting.found);
  visit("set", setting.set);
}

void fields(auto& visit, Is<Tuned> auto& tuned) {
  visit("guests", tuned.guests);
  visit("settings", tuned.settings);
}

void fields(auto& visit, Is<Quarantined> auto& one) {
  visit("address", one.address);
  visit_identity(visit, one.identity);
  visit("reason", one.reason);
  visit("unproven", one.unproven, kAddedLater);
}

}  // namespace gpupass
