// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/waiting.hpp"

#include <algorithm>
#include <string_view>

#include "guest/model/buses.hpp"

namespace gpupass {

namespace {

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
std::size_t free_root_ports(const DomainText& text) {
  const std::vector<GuestBus> buses = buses_of(text);
  const unsigned end = next_index(text);
  std::size_t ports = end - 1;
  for (const GuestBus& bus : buses) {
    const bool usable = bus.model == "pcie-root-port" && bus.free && !expander_above(buses, bus.index);
    if (bus.index > 0 && !usable) --ports;
  }
  return ports;
}

}  // namespace

void make_ports_for_waiting(DomainText& text) {
  const std::size_t waiting = waiting_devices(text.child("devices"));
  for (std::size_t ports = free_root_ports(text); ports < waiting; ++ports) behind_new_port(text);
}

}  // namespace gpupass
