// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/text/element.hpp"

namespace gpupass {

namespace {

/// Two guests that write into one file of variables break each other's boot. libvirt makes a new file, from
/// the template where the definition names one.
void leave_out_variables(Definition& text) {
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

bool is_serial(pugi::xml_node entry) {
  const std::string_view name = entry.attribute("name").value();
  return name == "uuid" || name == "serial";
}

/// What the firmware tells the guest of itself; libvirt refuses a UUID there that is not the guest's own.
void leave_out_serials(Definition& text) {
  text.remove_all(text.child("sysinfo").child("system"), is_serial);
}

void leave_out_devices(Definition& text) {
  const auto is_of_host = [](pugi::xml_node device) { return claimed_device(device).has_value(); };
  text.remove_all(text.child("devices"), is_of_host);
  const auto is_mac = [](pugi::xml_node child) { return std::string_view(child.name()) == "mac"; };
  for (const pugi::xml_node interface : text.child("devices").children("interface"))
    text.remove_all(interface, is_mac);
}

}  // namespace

void leave_out_identity(Definition& text) {
  for (const char* name : {"uuid", "genid"})
    if (const pugi::xml_node element = text.child(name)) text.remove(element);
  leave_out_serials(text);
  leave_out_devices(text);
  leave_out_variables(text);
}

std::string without_identity(std::string_view definition) {
  Definition text(definition);
  leave_out_identity(text);
  return text.text();
}

std::vector<std::string> writable_disks(std::string_view definition) {
  std::vector<std::string> disks;
  const pugi::xml_document document = parse_domain(definition);
  for (const pugi::xml_node disk : document.child("domain").child("devices").children("disk")) {
    if (disk.child("readonly") || disk.child("shareable") || disk.child("transient")) continue;
    for (const char* name : {"file", "dev"})
      if (const pugi::xml_attribute path = disk.child("source").attribute(name))
        disks.emplace_back(path.value());
  }
  return disks;
}

}  // namespace gpupass
