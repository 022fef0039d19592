// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/slots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gpupass/error.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/buses.hpp"

namespace gpupass {

namespace {

/// Whether a bus of PCI Express hangs from a port, and not from the root itself.
bool stands_behind_port(std::string_view model) {
  return model == "pcie-switch-upstream-port" || model == "pcie-to-pci-bridge" || model == "pci-bridge";
}

/// Whether libvirt may have to find a PCI slot for a device. Rather too many: a port too much does no harm.
bool waits(pugi::xml_node device) {
  if (device.child("address")) return false;
  const std::string_view name = device.name();
  const std::string_view type = device.attribute("type").value();
  const std::string_view model = device.attribute("model").value();
  const auto is_virtio = [](std::string_view bus) { return bus.empty() || bus == "virtio"; };
  if (name == "disk") return is_virtio(device.child("target").attribute("bus").value());
  if (name == "input") return std::string_view(device.attribute("bus").value()) == "virtio";
  if (name == "hostdev") return type == "pci" || type == "mdev";
  if (name == "controller" && type == "pci") return stands_behind_port(model);
  if (name == "controller")
    return (type == "scsi" || type == "virtio-serial" || type == "usb") && model != "none";
  if (name == "memballoon") return model != "none";
  constexpr std::string_view kOthers[] = {"filesystem", "interface", "sound", "video", "watchdog",
                                          "rng",        "shmem",     "vsock", "crypto"};
  return std::ranges::find(kOthers, name) != std::end(kOthers);
}

bool has_usb(pugi::xml_node devices) {
  return static_cast<bool>(devices.find_child_by_attribute("controller", "type", "usb"));
}

std::size_t waiting_devices(pugi::xml_node devices) {
  std::size_t waiting = 0;
  for (const pugi::xml_node device : devices.children())
    if (waits(device)) ++waiting;
  // What libvirt adds of its own accord.
  if (!devices.child("memballoon")) ++waiting;
  if (!has_usb(devices)) ++waiting;
  if (devices.child("channel") && !devices.find_child_by_attribute("controller", "type", "virtio-serial"))
    ++waiting;
  return waiting;
}

/// Free ports of the root bus. libvirt makes one of each index below the highest that the definition leaves
/// out.
std::size_t free_root_ports(const Definition& text) {
  const GuestBuses buses(text.root());
  std::size_t ports = next_index(text) - 1;
  for (const GuestBus& bus : buses.all()) {
    const bool usable = is_root_port(bus) && bus.free && !buses.expander_above(bus);
    if (bus.has_index && bus.index > 0 && !usable) --ports;
  }
  return ports;
}

/// The highest slot of a bus of conventional PCI that is free, from `lowest` on.
std::optional<PciAddress> free_slot(pugi::xml_node devices, std::uint8_t bus, std::uint8_t lowest) {
  PciAddress slot;
  slot.bus = bus;
  const auto occupies = [&](pugi::xml_node other) {
    const auto address = guest_address(other);
    return address && address->same_slot(slot);
  };
  for (slot.device = 0x1f; slot.device >= lowest; --slot.device)
    if (!devices.find_child(occupies)) return slot;
  return std::nullopt;
}

}  // namespace

void no_room(const char* what) {
  throw Error(ErrorCode::Refused, "domain XML",
              fmt::format("cannot add a GPU to the domain XML: saw no free {}, expected one", what));
}

pugi::xml_node append_address(pugi::xml_node parent, PciAddress address) {
  pugi::xml_node element = parent.append_child("address");
  element.append_attribute("domain") = fmt::format("{:#06x}", address.domain).c_str();
  element.append_attribute("bus") = fmt::format("{:#04x}", address.bus).c_str();
  element.append_attribute("slot") = fmt::format("{:#04x}", address.device).c_str();
  element.append_attribute("function") = fmt::format("{:#x}", address.function).c_str();
  return element;
}

void append_guest_address(pugi::xml_node device, PciAddress guest) {
  append_address(device, guest).prepend_attribute("type") = "pci";
}

unsigned next_index(const Definition& text) {
  const auto index = GuestBuses(text.root()).next_index();
  if (!index) no_room("PCI bus");
  return *index;
}

unsigned add_root_port(Definition& text, const std::optional<PciAddress>& slot) {
  const unsigned index = next_index(text);
  pugi::xml_document scratch;
  pugi::xml_node port = scratch.append_child("controller");
  port.append_attribute("type") = "pci";
  port.append_attribute("index") = index;
  port.append_attribute("model") = "pcie-root-port";
  if (slot) append_guest_address(port, *slot);
  text.insert(devices_of(text), port);
  return index;
}

PciAddress behind_new_port(Definition& text) {
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(add_root_port(text));
  return slot;
}

PciAddress on_conventional_bus(Definition& text) {
  constexpr std::uint8_t kDisplay = 2;  // Where libvirt puts the first display of this machine.
  const pugi::xml_node devices = devices_of(text);
  if (const auto slot = free_slot(devices, 0, kDisplay + 1)) return *slot;
  if (const auto slot = devices.child("video") ? std::nullopt : free_slot(devices, 0, kDisplay)) return *slot;
  const GuestBuses buses(text.root());
  for (const GuestBus& bus : buses.all())
    if (bus.model == "pci-bridge" && bus.has_index && bus.index <= UINT8_MAX && !buses.expander_above(bus))
      if (const auto slot = free_slot(devices, static_cast<std::uint8_t>(bus.index), 1)) return *slot;
  no_room("slot on the root bus or a bridge of it");
}

void make_ports_for_waiting(Definition& text) {
  const std::size_t waiting = waiting_devices(text.child("devices"));
  for (std::size_t ports = free_root_ports(text); ports < waiting; ++ports) behind_new_port(text);
}

}  // namespace gpupass
