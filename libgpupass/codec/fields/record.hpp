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

}  // namespace gpupass
