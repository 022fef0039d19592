// SPDX-License-Identifier: LGPL-2.1-or-later
#include <initializer_list>
#include <utility>

#include "guest/edit/domain.hpp"
#include "guest/text/element.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

// For devices that are attached while the guest runs; nothing can be plugged into the root bus itself.
constexpr unsigned kSparePorts = 4;

using Attributes = std::initializer_list<std::pair<const char*, const char*>>;

pugi::xml_node add(pugi::xml_node parent, const char* name, Attributes attributes = {}) {
  pugi::xml_node element = parent.append_child(name);
  for (const auto& [key, value] : attributes) element.append_attribute(key) = value;
  return element;
}

void add_os(pugi::xml_node domain, const Request& request) {
  pugi::xml_node os = add(domain, "os");
  const bool uefi = request.firmware.value_or(Firmware::Uefi) == Firmware::Uefi;
  if (uefi) os.append_attribute("firmware") = "efi";
  add(os, "type", {{"arch", "x86_64"}, {"machine", "q35"}}).text() = "hvm";
  if (uefi) add(add(os, "firmware"), "feature", {{"enabled", "no"}, {"name", "secure-boot"}});
  if (request.cdroms.empty()) return;
  // An empty disk does not boot, so an installer does; once there is a system, it boots.
  for (const char* device : {"hd", "cdrom"}) add(os, "boot", {{"dev", device}});
}

/// A port for each device that libvirt puts on one of its own accord, and the spare ones.
void add_ports(pugi::xml_node devices, const Request& request) {
  // Otherwise libvirt adds one, on the first free port.
  add(devices, "controller", {{"type", "usb"}, {"model", request.display ? "qemu-xhci" : "none"}});
  add(devices, "controller", {{"type", "pci"}, {"index", "0"}, {"model", "pcie-root"}});
  const std::size_t own = request.disks.size() + request.networks.size() + !request.seed.empty() +
                          request.agent + request.display + 1;  // The random number generator.
  for (std::size_t index = 1; index <= own + kSparePorts; ++index)
    add(devices, "controller",
        {{"type", "pci"}, {"index", std::to_string(index).c_str()}, {"model", "pcie-root-port"}});
}

void add_agent(pugi::xml_node devices) {
  add(add(devices, "channel", {{"type", "unix"}}), "target",
      {{"type", "virtio"}, {"name", "org.qemu.guest_agent.0"}});
}

/// Plain VGA, for which every installer has a driver, and a pointer that needs no grab of the mouse.
void add_display(pugi::xml_node devices) {
  add(devices, "input", {{"type", "tablet"}, {"bus", "usb"}});
  add(add(devices, "graphics", {{"type", "vnc"}, {"autoport", "yes"}}), "listen",
      {{"type", "address"}, {"address", "127.0.0.1"}});
  add(add(devices, "video"), "model", {{"type", "vga"}});
}

}  // namespace

std::string new_domain(const Request& request) {
  pugi::xml_document document;
  pugi::xml_node domain =
      add(document, "domain", {{"type", request.virt_type == VirtType::Qemu ? "qemu" : "kvm"}});
  // All memory of a guest with a GPU is pinned: nothing can be merged, and nothing given back.
  add(add(domain, "memoryBacking"), "nosharepages");
  add_os(domain, request);
  pugi::xml_node features = add(domain, "features");
  add(features, "acpi");
  add(features, "apic");
  add(add(domain, "clock", {{"offset", "utc"}}), "timer", {{"name", "hpet"}, {"present", "no"}});

  pugi::xml_node devices = add(domain, "devices");
  add_ports(devices, request);
  add(devices, "serial", {{"type", "pty"}});
  add(devices, "console", {{"type", "pty"}});
  if (request.agent) add_agent(devices);
  if (request.display) add_display(devices);
  add(devices, "memballoon", {{"model", "none"}});
  add(add(devices, "rng", {{"model", "virtio"}}), "backend", {{"model", "random"}}).text() = "/dev/urandom";
  return lay_out(domain) + "\n";
}

}  // namespace gpupass
