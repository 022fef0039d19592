// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/host.hpp"

/// Who uses a device, and who lays claim to it.
namespace gpupass {

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
  visit("session", user.session, kAddedLater);
}

void fields(auto& visit, Is<Holder> auto& holder) {
  visit("iommu_group", holder.iommu_group);
  visit("pid", holder.pid);
  visit("command", holder.command);
  visit("mediated", holder.mediated, kAddedLater);
}

void fields(auto& visit, Is<DeviceUse> auto& use) {
  visit("address", use.address);
  visit("kind", use.kind);
  visit("what", use.what);
  visit("guest", use.guest, kAddedLater);
}

void fields(auto& visit, Is<MediatedDefinition> auto& definition) {
  visit("parent", definition.parent);
  visit("uuid", definition.uuid);
  visit("type", definition.type);
  visit("at_boot", definition.at_boot);
  visit("attributes", definition.attributes);
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

}  // namespace gpupass
