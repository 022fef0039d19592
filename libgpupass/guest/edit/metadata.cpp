// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>
#include <string_view>

#include "guest/edit/cards.hpp"
#include "guest/edit/domain.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/text/element.hpp"
#include "guest/text/values.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// A mediated device has no identity but its UUID.
void add_mediated_device(pugi::xml_node vm, const Host& host, const Placement& placement, DeviceId device) {
  pugi::xml_node element = vm.append_child("gpupass:device");
  element.append_attribute("address") = device.to_string().c_str();
  if (const auto cell = cell_of(host, placement, device)) element.append_attribute("cell") = *cell;
}

void add_device(pugi::xml_node vm, const char* kind, const Host& host, const Placement& placement,
                PciAddress address, pugi::xml_node present) {
  pugi::xml_node element = vm.append_child(kind);
  element.append_attribute("address") = address.to_string().c_str();
  const auto is_former = [&](pugi::xml_node other) {
    return PciAddress::parse(other.attribute("address").value()) == address;
  };
  const Identity former = read_identity(present.find_child(is_former));
  const PciFunction* function = find_function(host, address);
  write_identity(element, function ? completed(identity_of(host, *function), former) : former);
  if (const auto cell = cell_of(host, placement, address)) element.append_attribute("cell") = *cell;
}

}  // namespace

pugi::xml_node own_metadata(const Definition& text) {
  return own_metadata(text.root());
}

void set_metadata(Definition& text, const Host& host, const Placement& placement) {
  pugi::xml_document scratch;
  pugi::xml_node metadata = scratch.append_child("metadata");
  pugi::xml_node wanted = metadata.append_child("gpupass:vm");
  wanted.append_attribute("xmlns:gpupass") = kMetadataNamespace;
  const pugi::xml_node present = own_metadata(text);
  for (const PciAddress gpu : functions_of(placement.gpus))
    add_device(wanted, "gpupass:gpu", host, placement, gpu, present);
  for (const DeviceId device : placement.devices)
    if (const auto function = device.function())
      add_device(wanted, "gpupass:device", host, placement, *function, present);
    else
      add_mediated_device(wanted, host, placement, device);

  if (!text.child("metadata"))
    text.insert(text.root(), metadata);
  else if (!present)
    text.insert(text.child("metadata"), wanted);
  else if (!same(present, wanted))
    text.replace(present, wanted);
}

}  // namespace gpupass
