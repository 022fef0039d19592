// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/domain_xml.hpp"
#include "base/hostdev.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "render/domain.hpp"

namespace gpupass {

namespace {

/// The functions of a GPU's card. What shares its group, but not its card, is bound and not given.
std::vector<PciAddress> card_of(const Host& host, PciAddress gpu) {
  for (const Assessment& assessment : assess(host, {gpu}))
    if (assessment.address == gpu) return assessment.functions;
  return {gpu};
}

bool is_pci(pugi::xml_node address) {
  return address && std::string_view(address.attribute("type").as_string("pci")) == "pci";
}

/// The function of the host that a <hostdev> gives.
std::optional<PciAddress> source_of(pugi::xml_node device) {
  const pugi::xml_node address = device.child("source").child("address");
  if (std::string_view(device.name()) != "hostdev" || !address) return std::nullopt;
  if (std::string_view(device.attribute("type").value()) != "pci") return std::nullopt;
  return pci_address_of(address);
}

pugi::xml_node hostdev_of(pugi::xml_node devices, PciAddress function) {
  return devices.find_child([&](pugi::xml_node device) { return source_of(device) == function; });
}

/// Where a device stands in the guest, when the definition says so.
std::optional<PciAddress> guest_address(pugi::xml_node device) {
  const pugi::xml_node address = device.child("address");
  if (!is_pci(address) || !address.attribute("bus")) return std::nullopt;
  return pci_address_of(address);
}

pugi::xml_node device_at(pugi::xml_node devices, PciAddress guest) {
  return devices.find_child([&](pugi::xml_node device) { return guest_address(device) == guest; });
}

// --- a free slot ---------------------------------------------------------------------------------

bool is_express(const DomainText& text) {
  if (std::string_view(text.child("os").child("type").attribute("machine").value()).find("q35") !=
      std::string_view::npos)
    return true;
  const auto is_root = [](pugi::xml_node device) {
    return std::string_view(device.attribute("model").value()).starts_with("pcie-root");
  };
  return static_cast<bool>(text.child("devices").find_child(is_root));
}

[[noreturn]] void no_room(const char* what) {
  throw Error(ErrorCode::Refused, "domain XML",
              fmt::format("cannot add a GPU to the domain XML: saw no free {}, expected one", what));
}

/// A new root port, on a bus that nothing in the definition speaks of. Ports that are there already may be
/// meant for hot-plug, or for devices whose address libvirt has yet to choose.
PciAddress behind_new_port(DomainText& text) {
  unsigned bus = 0;
  for (const pugi::xml_node device : devices_of(text).children()) {
    if (std::string_view(device.attribute("type").value()) == "pci")
      bus = std::max(bus, device.attribute("index").as_uint());
    if (const auto address = guest_address(device)) bus = std::max(bus, unsigned{address->bus});
  }
  if (++bus > 0xff) no_room("PCI bus");
  pugi::xml_document scratch;
  pugi::xml_node port = scratch.append_child("controller");
  port.append_attribute("type") = "pci";
  port.append_attribute("index") = bus;
  port.append_attribute("model") = "pcie-root-port";
  text.insert(devices_of(text), port);
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(bus);
  return slot;
}

/// The highest slot of a conventional bus that is free; libvirt gives slots out from below.
PciAddress on_root_bus(DomainText& text) {
  for (std::uint8_t device = 0x1f; device > 2; --device) {
    PciAddress slot;
    slot.device = device;
    const auto occupies = [&](pugi::xml_node other) {
      const auto address = guest_address(other);
      return address && address->same_slot(slot);
    };
    if (!devices_of(text).find_child(occupies)) return slot;
  }
  no_room("slot on the root bus");
}

// --- functions -----------------------------------------------------------------------------------

/// gpupass binds the function to vfio-pci itself; libvirt would bind it back while the guest is only stopped.
void leave_driver_alone(DomainText& text, PciAddress function) {
  const pugi::xml_node hostdev = hostdev_of(devices_of(text), function);
  if (std::string_view(hostdev.attribute("managed").value()) == "yes") text.set(hostdev, "managed", "no");
}

/// Beside a function of its card that the definition has already, at the same distance as on the host.
std::optional<PciAddress> beside_sibling(DomainText& text, const std::vector<PciAddress>& card,
                                         PciAddress function) {
  for (const PciAddress sibling : card) {
    const auto guest = guest_address(hostdev_of(devices_of(text), sibling));
    if (!guest) continue;
    const int number = guest->function + function.function - sibling.function;
    if (number < 0 || number > 7) continue;
    PciAddress place = *guest;
    place.function = static_cast<std::uint8_t>(number);
    if (!device_at(devices_of(text), place)) return place;
  }
  return std::nullopt;
}

void add_function(DomainText& text, PciAddress function, PciAddress guest) {
  pugi::xml_document scratch;
  scratch.load_string(hostdev_xml(function).c_str());
  pugi::xml_node address = scratch.first_child().append_child("address");
  address.append_attribute("type") = "pci";
  address.append_attribute("domain") = fmt::format("{:#06x}", guest.domain).c_str();
  address.append_attribute("bus") = fmt::format("{:#04x}", guest.bus).c_str();
  address.append_attribute("slot") = fmt::format("{:#04x}", guest.device).c_str();
  address.append_attribute("function") = fmt::format("{:#x}", guest.function).c_str();
  text.insert(devices_of(text), scratch.first_child());
}

/// A guest looks for further functions only where the first one says that there are any.
void mark_multifunction(DomainText& text, PciAddress guest) {
  guest.function = 0;
  if (const pugi::xml_node first = device_at(devices_of(text), guest))
    text.set(first.child("address"), "multifunction", "on");
}

void add_card(DomainText& text, const std::vector<PciAddress>& card) {
  const std::vector<PciAddress> claimed = hostdev_addresses(text.text());
  std::optional<PciAddress> slot;  // A new one, whose function 0 is `origin`.
  PciAddress origin;
  for (const PciAddress function : card) {
    if (std::ranges::binary_search(claimed, function)) {
      leave_driver_alone(text, function);
      continue;
    }
    std::optional<PciAddress> place = slot ? std::nullopt : beside_sibling(text, card, function);
    if (!place) {
      if (!slot) {
        slot = is_express(text) ? behind_new_port(text) : on_root_bus(text);
        origin = function;
      }
      place = slot;
      place->function = static_cast<std::uint8_t>(function.function - origin.function);
    }
    add_function(text, function, *place);
    if (place->function != 0) mark_multifunction(text, *place);
  }
}

}  // namespace

void remove_former_gpus(DomainText& text, const Placement& placement) {
  std::vector<PciAddress> former;
  for (const pugi::xml_node gpu : own_metadata(text).children()) {
    const auto address = PciAddress::parse(gpu.attribute("address").value());
    if (address && std::ranges::find(placement.gpus, *address) == placement.gpus.end())
      former.push_back(*address);
  }
  const auto given = [&](pugi::xml_node device) {
    const auto source = source_of(device);
    return source && std::ranges::any_of(former, [&](PciAddress gpu) { return gpu.same_slot(*source); });
  };
  while (const pugi::xml_node hostdev = text.child("devices").find_child(given)) text.remove(hostdev);
}

void add_gpus(DomainText& text, const Host& host, const Placement& placement) {
  for (const PciAddress gpu : placement.gpus) add_card(text, card_of(host, gpu));
}

}  // namespace gpupass
