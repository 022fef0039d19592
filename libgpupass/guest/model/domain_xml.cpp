// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/domain_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <sstream>
#include <string>

#include "gpupass/error.hpp"
#include "guest/model/qemu.hpp"
#include "guest/text/parse.hpp"
#include "values/number.hpp"
#include "values/sort_unique.hpp"

namespace gpupass {

namespace {

[[noreturn]] void malformed(const std::string& saw, const std::string& expected) {
  throw Error(ErrorCode::Malformed, "domain XML",
              fmt::format("cannot read the domain XML: saw {}, expected {}", saw, expected));
}

/// One part of an address; a part that is not there is 0.
std::uint32_t part(pugi::xml_node address, const char* name, std::uint32_t limit) {
  const pugi::xml_attribute attribute = address.attribute(name);
  if (!attribute) return 0;
  const auto value = parse_any_base(attribute.value());
  if (!value || *value > limit)
    malformed(fmt::format("{:?} as the {} of a PCI address", attribute.value(), name),
              fmt::format("a number up to {:#x}", limit));
  return *value;
}

/// Whether a device of a domain is a PCI function of the host, given away.
bool is_host_function(pugi::xml_node device) {
  const std::string_view element = device.name();
  const std::string_view type = device.attribute("type").value();
  return (element == "hostdev" && type == "pci") || (element == "interface" && type == "hostdev") ||
         (element == "disk" && type == "nvme");
}

bool is_mediated(pugi::xml_node device) {
  return device.name() == std::string_view("hostdev") &&
         device.attribute("type").value() == std::string_view("mdev");
}

std::optional<DeviceId> mediated_device_of(pugi::xml_node address) {
  const pugi::xml_attribute uuid = address.attribute("uuid");
  if (!uuid) return std::nullopt;
  const auto device = DeviceId::parse(uuid.value());
  if (!device || !device->is_mediated())
    malformed(fmt::format("{:?} as the UUID of a mediated device", uuid.value()),
              "one such as \"c73f1fa6-489e-4834-9476-d70dabd98c40\"");
  return device;
}

pugi::xml_node claiming_device(pugi::xml_node domain, DeviceId wanted) {
  return domain.child("devices").find_child(
      [&](pugi::xml_node device) { return claimed_device(device) == wanted; });
}

}  // namespace

bool is_pci(pugi::xml_node address) {
  return address && std::string_view(address.attribute("type").as_string("pci")) == "pci";
}

void parse_domain(std::string_view domain_xml, pugi::xml_document& document) {
  if (const auto fault = parse_xml(domain_xml, document))
    malformed(fmt::format("\"{}\" at byte {}", fault->what, fault->offset), "XML");
  if (!document.child("domain")) malformed("another element", "<domain>");
}

pugi::xml_document parse_domain(std::string_view domain_xml) {
  pugi::xml_document document;
  parse_domain(domain_xml, document);
  return document;
}

std::optional<std::uint32_t> parse_any_base(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_number<std::uint32_t>(text, 16);
  return parse_number<std::uint32_t>(text, text.size() > 1 && text.front() == '0' ? 8 : 10);
}

PciAddress pci_address_of(pugi::xml_node address) {
  PciAddress result;
  result.domain = part(address, "domain", 0xffffffff);
  result.bus = static_cast<std::uint8_t>(part(address, "bus", 0xff));
  result.device = static_cast<std::uint8_t>(part(address, "slot", 0x1f));
  result.function = static_cast<std::uint8_t>(part(address, "function", 7));
  return result;
}

std::optional<DeviceId> claimed_device(pugi::xml_node device) {
  const pugi::xml_node address = device.child("source").child("address");
  if (is_mediated(device)) return mediated_device_of(address);
  if (is_host_function(device) && is_pci(address)) return pci_address_of(address);
  return std::nullopt;
}

std::string domain_name(std::string_view domain_xml) {
  const pugi::xml_document document = parse_domain(domain_xml);
  const std::string name = document.child("domain").child_value("name");
  if (name.empty()) malformed("no <name>", "one");
  return name;
}

std::vector<DeviceId> all_claims(pugi::xml_node domain) {
  std::vector<DeviceId> claims;
  for (const pugi::xml_node device : domain.child("devices").children())
    if (const auto claimed = claimed_device(device)) claims.push_back(*claimed);
  const std::vector<PciAddress> given = devices_of_arguments(domain);
  claims.insert(claims.end(), given.begin(), given.end());
  return claims;
}

std::vector<DeviceId> claimed_devices(pugi::xml_node domain) {
  std::vector<DeviceId> devices = all_claims(domain);
  sort_unique(devices);
  return devices;
}

std::vector<DeviceId> claimed_devices(std::string_view domain_xml) {
  if (domain_xml.empty()) return {};
  return claimed_devices(parse_domain(domain_xml).child("domain"));
}

std::vector<PciAddress> claimed_functions(pugi::xml_node domain) {
  std::vector<PciAddress> functions;
  for (const DeviceId device : claimed_devices(domain))
    if (const auto function = device.function()) functions.push_back(*function);
  return functions;
}

std::string hostdev_element(std::string_view domain_xml, DeviceId device) {
  if (domain_xml.empty()) return {};
  const pugi::xml_document document = parse_domain(domain_xml);
  const pugi::xml_node element = claiming_device(document.child("domain"), device);
  if (!element) return {};
  std::ostringstream text;
  element.print(text, "  ");
  return text.str();
}

std::string hostdev_alias(std::string_view domain_xml, DeviceId device) {
  if (domain_xml.empty()) return {};
  const pugi::xml_document document = parse_domain(domain_xml);
  return claiming_device(document.child("domain"), device).child("alias").attribute("name").value();
}

bool is_managed(std::string_view domain_xml, DeviceId device) {
  if (domain_xml.empty()) return false;
  const pugi::xml_document document = parse_domain(domain_xml);
  return claiming_device(document.child("domain"), device).attribute("managed").value() ==
         std::string_view("yes");
}

bool takes_hotplug(pugi::xml_node port) {
  return port.child("target").attribute("hotplug").as_string("on") == std::string_view("on");
}

std::string controller_alias(pugi::xml_node controller) {
  const std::string alias = controller.child("alias").attribute("name").value();
  const auto index = parse_any_base(controller.attribute("index").value());
  return alias.starts_with("ua-") ? alias : fmt::format("pci.{}", index.value_or(0));
}

std::string with_uuid_of(std::string_view present, std::string_view domain_xml) {
  const std::string uuid = parse_domain(present).child("domain").child_value("uuid");
  const pugi::xml_document document = parse_domain(domain_xml);
  const pugi::xml_node domain = document.child("domain");
  std::string text(domain_xml);
  if (uuid.empty() || domain.child("uuid")) return text;
  const pugi::xml_node name = domain.child("name");
  if (uuid.find_first_not_of("0123456789abcdefABCDEF-") != uuid.npos)
    malformed(fmt::format("{:?} as UUID", uuid), "hexadecimal digits and dashes");
  const auto start = static_cast<std::size_t>(name.offset_debug()) - 1;  // Of the "<" before the name.
  if (!name || start >= text.size() || text[start] != '<') malformed("no <name>", "one in UTF-8");
  return text.insert(start, fmt::format("<uuid>{}</uuid>\n  ", uuid));
}

}  // namespace gpupass
