// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string_view>

#include "gpupass/error.hpp"
#include "render/domain.hpp"
#include "render/domain_values.hpp"

namespace gpupass {

namespace {

constexpr const char* kNamespace = "urn:gpupass:domain:1";

/// The URI that the prefix of an element stands for.
std::string_view namespace_of(pugi::xml_node element) {
  const std::string_view name = element.name();
  const auto colon = name.find(':');
  const std::string key = colon == name.npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
  for (pugi::xml_node at = element; at; at = at.parent())
    if (const pugi::xml_attribute declared = at.attribute(key.c_str())) return declared.value();
  return {};
}

void add_ids(pugi::xml_node element, const Host& host, PciAddress gpu) {
  element.append_attribute("address") = gpu.to_string().c_str();
  const PciFunction* function = find_function(host, gpu);
  if (!function) return;
  if (function->vendor) element.append_attribute("vendor") = fmt::format("{:04x}", *function->vendor).c_str();
  if (function->device) element.append_attribute("device") = fmt::format("{:04x}", *function->device).c_str();
}

}  // namespace

pugi::xml_node own_metadata(const DomainText& text) {
  for (const pugi::xml_node child : text.child("metadata").children())
    if (child.type() == pugi::node_element && namespace_of(child) == kNamespace) return child;
  return {};
}

void set_type(DomainText& text, const Request& request) {
  text.set(text.root(), "type", request.virt_type == VirtType::Kvm ? "kvm" : "qemu");
}

void set_name(DomainText& text, const Request& request) {
  if (request.name.find('/') != request.name.npos)
    throw Error(ErrorCode::Usage, request.name,
                fmt::format("cannot write a domain: saw \"{}\" as its name, expected one without \"/\"",
                            request.name));
  text.write("name", fit_for_xml(request.name, "its name"));
}

void set_firmware(DomainText& text, const Request& request) {
  if (!request.firmware || has_uefi(text.root()) == (*request.firmware == Firmware::Uefi)) return;
  // What chose the firmware until now; libvirt takes only one way of saying it.
  for (const char* choice : {"firmware", "loader", "nvram"})
    if (const pugi::xml_node element = text.child("os").child(choice)) text.remove(element);
  if (*request.firmware == Firmware::Uefi)
    text.set(text.child("os"), "firmware", "efi");
  else if (const pugi::xml_attribute automatic = text.child("os").attribute("firmware"))
    text.remove(text.child("os"), automatic);
}

void set_metadata(DomainText& text, const Host& host, const Placement& placement) {
  pugi::xml_document scratch;
  pugi::xml_node metadata = scratch.append_child("metadata");
  pugi::xml_node wanted = metadata.append_child("gpupass:vm");
  wanted.append_attribute("xmlns:gpupass") = kNamespace;
  for (const PciAddress gpu : placement.gpus) add_ids(wanted.append_child("gpupass:gpu"), host, gpu);

  if (!text.child("metadata"))
    text.insert(text.root(), metadata);
  else if (const pugi::xml_node present = own_metadata(text); !present)
    text.insert(text.child("metadata"), wanted);
  else if (!same(present, wanted))
    text.replace(present, wanted);
}

}  // namespace gpupass
