// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/render.hpp"
#include "render/domain_text.hpp"

namespace gpupass {

namespace {

/// Two guests that write into one file of variables break each other's boot. libvirt makes a new file, from
/// the template where the definition names one.
void leave_out_variables(DomainText& text) {
  const pugi::xml_node present = text.child("os").child("nvram");
  if (!present) return;
  pugi::xml_document scratch;
  pugi::xml_node wanted = scratch.append_child("nvram");
  for (const char* name : {"template", "templateFormat"})
    if (const pugi::xml_attribute attribute = present.attribute(name)) wanted.append_copy(attribute);
  if (!wanted.first_attribute())
    text.remove(present);
  else if (!same(present, wanted))
    text.replace(present, wanted);
}

}  // namespace

std::string without_identity(std::string_view definition) {
  DomainText text{std::string(definition)};
  if (const pugi::xml_node uuid = text.child("uuid")) text.remove(uuid);
  const auto has_mac = [](pugi::xml_node device) {
    return std::string_view(device.name()) == "interface" && device.child("mac");
  };
  while (const pugi::xml_node interface = text.child("devices").find_child(has_mac))
    text.remove(interface.child("mac"));
  leave_out_variables(text);
  return text.text();
}

}  // namespace gpupass
