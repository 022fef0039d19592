// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/capturable.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "gpupass/pci.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/port_window.hpp"
#include "guest/model/qemu.hpp"
#include "guest/text/parse.hpp"
#include "guest/text/xml_names.hpp"

namespace gpupass {

namespace {

enum class Text { Dropped, Kept };

/// An element that is kept, and its attributes, each between spaces.
struct Kept {
  std::string_view path;
  std::string_view attributes = {};
  Text text = Text::Dropped;
};

// "*" is any other element.
constexpr Kept kKept[] = {
    {"/domain", " type "},
    {"/domain/name", "", Text::Kept},
    {"/domain/uuid", "", Text::Kept},
    {"/domain/memory", " unit ", Text::Kept},
    {"/domain/currentMemory", " unit ", Text::Kept},
    {"/domain/memoryBacking"},
    {"/domain/memoryBacking/hugepages"},
    {"/domain/memoryBacking/hugepages/page", " size unit nodeset "},
    {"/domain/vcpu", " placement cpuset current ", Text::Kept},
    {"/domain/cputune"},
    {"/domain/cputune/vcpupin", " vcpu cpuset "},
    {"/domain/cputune/emulatorpin", " cpuset "},
    {"/domain/cputune/iothreadpin", " iothread cpuset "},
    {"/domain/numatune"},
    {"/domain/numatune/memory", " mode placement nodeset "},
    {"/domain/numatune/memnode", " cellid mode nodeset "},
    {"/domain/os", " firmware "},
    {"/domain/os/type", " arch machine ", Text::Kept},
    {"/domain/os/loader", " readonly secure type "},
    {"/domain/cpu", " mode "},
    {"/domain/cpu/topology", " sockets dies clusters cores threads "},
    {"/domain/cpu/numa"},
    {"/domain/cpu/numa/cell", " id cpus memory unit "},
    {"/domain/devices"},
    {"/domain/devices/*", " type model index mode managed "},
    {"/domain/devices/*/alias", " name "},
    {"/domain/devices/*/address", " type domain bus slot function multifunction "},
    {"/domain/devices/*/model", " name "},
    {"/domain/devices/*/target", " busNr chassis port hotplug "},
    {"/domain/devices/*/target/node", "", Text::Kept},
    {"/domain/devices/*/pcihole64", " unit ", Text::Kept},
    {"/domain/devices/*/source"},
    {"/domain/devices/*/source/address", " type domain bus slot function "},
    {"/domain/devices/disk", " type model "},
    {"/domain/devices/disk/address", " type domain bus slot function multifunction "},
    {"/domain/devices/disk/source", " dev "},
    {"/domain/devices/disk/source/address", " type domain bus slot function "},
};

const Kept* find_kept(const std::string& path) {
  const Kept* const found = std::ranges::find(kKept, path, &Kept::path);
  return found != std::end(kKept) ? found : nullptr;
}

/// What is kept of an element below one that is kept; nullptr: nothing.
const Kept* kept_below(const Kept& parent, pugi::xml_node element) {
  const std::string folder = std::string(parent.path) + '/';
  const Kept* const own = find_kept(folder + element.name());
  return own ? own : find_kept(folder + '*');
}

/// A link to a disk may hold its serial number; the kernel's own names tell nothing.
bool is_private(pugi::xml_attribute attribute) {
  const std::string_view value = attribute.value(), folder = "/dev/";
  return attribute.name() == std::string_view("dev") &&
         (!value.starts_with(folder) || value.find('/', folder.size()) != value.npos);
}

// Goes no deeper than the paths of kKept.
void keep(const Kept& what, pugi::xml_node from, pugi::xml_node to) {
  for (const pugi::xml_attribute attribute : from.attributes())
    if (what.attributes.find(' ' + std::string(attribute.name()) + ' ') != what.attributes.npos &&
        !is_private(attribute))
      to.append_copy(attribute);
  if (what.text == Text::Kept) to.text() = from.child_value();
  for (const pugi::xml_node child : from.children())
    if (const Kept* below = child.type() == pugi::node_element ? kept_below(what, child) : nullptr)
      keep(*below, child, to.append_child(child.name()));
}

void keep_metadata(pugi::xml_node from, pugi::xml_node to,
                   const std::function<std::string(const std::string&)>& identifier) {
  const pugi::xml_node own = own_metadata(from);
  if (!own) return;
  pugi::xml_node vm = to.append_child("metadata").append_child("gpupass:vm");
  vm.append_attribute("xmlns:gpupass") = kMetadataNamespace;
  for (const pugi::xml_node device : own.children()) {
    const auto address = PciAddress::parse(device.attribute("address").value());
    if (!address) continue;
    const bool gpu = local_name(device) == "gpu";
    pugi::xml_node copy = vm.append_child(gpu ? "gpupass:gpu" : "gpupass:device");
    copy.append_attribute("address") = address->to_string().c_str();
    Identity identity = read_identity(device);
    identity.serial = identifier(identity.serial);
    identity.uuid = identifier(identity.uuid);
    write_identity(copy, identity);
    if (const pugi::xml_attribute cell = device.attribute("cell"))
      copy.append_attribute("cell") = cell.as_uint();
  }
}

/// The addresses that the firmware is told to keep for a port.
void keep_reserves(pugi::xml_node from, pugi::xml_node to) {
  for (const pugi::xml_node device : qemu_child(from, "override").children())
    for (const char* property : {kKeepLow, kKeepHigh}) {
      const char* const alias = device.attribute("alias").value();
      const pugi::xml_attribute value = qemu_property(from, alias, property).attribute("value");
      if (!value) continue;
      if (!to.child("qemu:override")) {
        to.append_attribute("xmlns:qemu") = std::string(kQemuNamespace).c_str();
        to.append_child("qemu:override");
      }
      pugi::xml_node copy = to.child("qemu:override").append_child("qemu:device");
      copy.append_attribute("alias") = alias;
      copy = copy.append_child("qemu:frontend").append_child("qemu:property");
      copy.append_attribute("name") = property;
      copy.append_attribute("type") = "unsigned";
      copy.append_attribute("value") = value.as_ullong();
    }
}

}  // namespace

std::string capturable(std::string_view domain_xml,
                       const std::function<std::string(const std::string&)>& identifier) {
  if (domain_xml.empty()) return {};
  pugi::xml_document seen, kept;
  if (parse_xml(domain_xml, seen) || !seen.child("domain")) return "damaged";
  const pugi::xml_node domain = seen.child("domain");
  pugi::xml_node copy = kept.append_child("domain");
  keep(kKept[0], domain, copy);
  keep_metadata(domain, copy, identifier);
  keep_reserves(domain, copy);
  std::ostringstream printed;
  kept.save(printed, "  ", pugi::format_default | pugi::format_no_declaration);
  std::string text = printed.str();
  text.pop_back();  // The last newline.
  return text;
}

}  // namespace gpupass
