// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gpupass/render.hpp"
#include "render/domain.hpp"
#include "render/domain_cards.hpp"
#include "render/domain_values.hpp"

namespace gpupass {

namespace {

constexpr const char* kNamespace = "urn:gpupass:domain:1";

void add(pugi::xml_node element, const char* name, const Fact<std::uint16_t>& id) {
  if (id) element.append_attribute(name) = fmt::format("{:04x}", *id).c_str();
}

/// What a driver or a device says of itself goes in only as far as XML can hold it.
void add(pugi::xml_node element, const char* name, const Fact<std::string>& text) {
  if (text && !text->empty() && printable(*text) == *text) element.append_attribute(name) = text->c_str();
}

/// What was known when the device was still on its own driver, where nothing now says that it is another.
void add_former(pugi::xml_node element, pugi::xml_node former) {
  for (const char* name : {"address", "vendor", "device", "subsystem-vendor", "subsystem-device", "serial"})
    if (element.attribute(name) && former.attribute(name) &&
        std::string_view(element.attribute(name).value()) != former.attribute(name).value())
      return;
  for (const char* name : {"serial", "uuid"})
    if (!element.attribute(name) && former.attribute(name)) element.append_copy(former.attribute(name));
}

void add_device(pugi::xml_node vm, const char* kind, const Host& host, const Placement& placement,
                PciAddress address, pugi::xml_node present) {
  pugi::xml_node element = vm.append_child(kind);
  element.append_attribute("address") = address.to_string().c_str();
  if (const PciFunction* function = find_function(host, address)) {
    add(element, "vendor", function->vendor);
    add(element, "device", function->device);
    add(element, "subsystem-vendor", function->subsystem_vendor);
    add(element, "subsystem-device", function->subsystem_device);
    if (function->config) add(element, "serial", function->config->serial);
    add(element, "uuid", function->uuid);
  }
  const auto is_former = [&](pugi::xml_node other) {
    return PciAddress::parse(other.attribute("address").value()) == address;
  };
  add_former(element, present.find_child(is_former));
  if (const auto cell = cell_of(host, placement, address)) element.append_attribute("cell") = *cell;
}

}  // namespace

pugi::xml_node own_metadata(const DomainText& text) {
  for (const pugi::xml_node child : text.child("metadata").children())
    if (child.type() == pugi::node_element && namespace_of(child) == kNamespace) return child;
  return {};
}

void set_metadata(DomainText& text, const Host& host, const Placement& placement) {
  pugi::xml_document scratch;
  pugi::xml_node metadata = scratch.append_child("metadata");
  pugi::xml_node wanted = metadata.append_child("gpupass:vm");
  wanted.append_attribute("xmlns:gpupass") = kNamespace;
  const pugi::xml_node present = own_metadata(text);
  for (const PciAddress gpu : placement.gpus)
    add_device(wanted, "gpupass:gpu", host, placement, gpu, present);
  for (const PciAddress device : placement.devices)
    add_device(wanted, "gpupass:device", host, placement, device, present);

  if (!text.child("metadata"))
    text.insert(text.root(), metadata);
  else if (!present)
    text.insert(text.child("metadata"), wanted);
  else if (!same(present, wanted))
    text.replace(present, wanted);
}

}  // namespace gpupass
