// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>

#include "guest/edit/domain.hpp"
#include "guest/edit/slots.hpp"
#include "guest/model/buses.hpp"
#include "guest/text/values.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

bool has_disk(pugi::xml_node devices, const std::string& path) {
  for (const pugi::xml_node disk : devices.children("disk"))
    for (const char* kind : {"file", "dev"})
      if (path == disk.child("source").attribute(kind).value()) return true;
  return false;
}

/// vda to vdz, then vdaa: the letters count as digits do, but without a zero.
std::string disk_name(const std::string& kind, unsigned index) {
  std::string letters;
  for (unsigned rest = index + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
  return kind + letters;
}

std::string free_disk_name(pugi::xml_node devices, const std::string& kind) {
  const auto taken = [&](const std::string& name) {
    for (const pugi::xml_node disk : devices.children("disk"))
      if (name == disk.child("target").attribute("dev").value()) return true;
    return false;
  };
  unsigned index = 0;
  while (taken(disk_name(kind, index))) ++index;
  return disk_name(kind, index);
}

/// libvirt gives a new device the first free port, and that may be one below an expander, kept for a card.
void keep_off_expanders(Definition& text, pugi::xml_node device) {
  const GuestBuses buses(text.root());
  if (std::ranges::any_of(buses.all(), is_express_expander))
    append_guest_address(device, behind_new_port(text));
}

/// The I/O thread for new disks, made where there is none and pinned where it is not.
unsigned iothread_for_disks(Definition& text, const Placement& placement) {
  const auto count = parse_number<unsigned>(text.child("iothreads").child_value());
  if (!count || *count == 0) text.write("iothreads", "1");
  const unsigned id = text.child("iothreadids").child("iothread").attribute("id").as_uint(1);
  const pugi::xml_node cputune = text.child("cputune");
  if (cputune.find_child_by_attribute("iothreadpin", "iothread", std::to_string(id).c_str())) return id;
  pugi::xml_document scratch;
  pugi::xml_node pin = scratch.append_child("iothreadpin");
  pin.append_attribute("iothread") = id;
  pin.append_attribute("cpuset") = placement.emulator_cpus.to_string().c_str();
  text.insert(cputune, pin);
  return id;
}

/// A <disk> with the image of this path.
pugi::xml_node make_disk(Definition& text, pugi::xml_document& scratch, const std::string& path,
                         const char* device, const char* bus, const std::string& kind) {
  const bool block = path.starts_with("/dev/");
  pugi::xml_node disk = scratch.append_child("disk");
  disk.append_attribute("type") = block ? "block" : "file";
  disk.append_attribute("device") = device;
  pugi::xml_node driver = disk.append_child("driver");
  driver.append_attribute("name") = "qemu";
  driver.append_attribute("type") = path.ends_with(".qcow2") ? "qcow2" : "raw";
  disk.append_child("source").append_attribute(block ? "dev" : "file") = path.c_str();
  pugi::xml_node target = disk.append_child("target");
  target.append_attribute("dev") = free_disk_name(devices_of(text), kind).c_str();
  target.append_attribute("bus") = bus;
  return disk;
}

enum class Writable { No, Yes };

void add_disk(Definition& text, const std::string& path, const Placement& placement, Writable writable) {
  pugi::xml_document scratch;
  pugi::xml_node disk = make_disk(text, scratch, path, "disk", "virtio", "vd");
  disk.child("driver").append_attribute("iothread") = iothread_for_disks(text, placement);
  if (writable == Writable::No) disk.append_child("readonly");
  keep_off_expanders(text, disk);
  text.insert(devices_of(text), disk);
}

/// On a bus that every firmware and every installer knows.
void add_cdrom(Definition& text, const std::string& path) {
  pugi::xml_document scratch;
  pugi::xml_node disk = make_disk(text, scratch, path, "cdrom", "sata", "sd");
  disk.append_child("readonly");
  text.insert(devices_of(text), disk);
}

std::ptrdiff_t interfaces_on(pugi::xml_node devices, const std::string& network) {
  std::ptrdiff_t count = 0;
  for (const pugi::xml_node interface : devices.children("interface"))
    if (network == interface.child("source").attribute("network").value()) ++count;
  return count;
}

void add_interface(Definition& text, const std::string& network) {
  pugi::xml_document scratch;
  pugi::xml_node interface = scratch.append_child("interface");
  interface.append_attribute("type") = "network";
  interface.append_child("source").append_attribute("network") = network.c_str();
  interface.append_child("model").append_attribute("type") = "virtio";
  keep_off_expanders(text, interface);
  text.insert(devices_of(text), interface);
}

}  // namespace

pugi::xml_node devices_of(Definition& text) {
  if (const pugi::xml_node present = text.child("devices")) return present;
  pugi::xml_document scratch;
  return text.insert(text.root(), scratch.append_child("devices"));
}

void add_disks(Definition& text, const Request& request, const Placement& placement) {
  for (const std::string& path : request.disks)
    if (!has_disk(devices_of(text), fit_for_xml(path, "a disk")))
      add_disk(text, path, placement, Writable::Yes);
}

void add_media(Definition& text, const Request& request, const Placement& placement) {
  std::vector<std::string> cdroms = request.cdroms;
  const bool seeded = request.seed.empty() || has_disk(devices_of(text), fit_for_xml(request.seed, "a seed"));
  // Kernels for clouds have drivers for virtio alone; Windows reads the image from a CD-ROM.
  if (!seeded && request.guest == GuestSystem::Windows)
    cdroms.push_back(request.seed);
  else if (!seeded)
    add_disk(text, request.seed, placement, Writable::No);
  for (const std::string& path : cdroms)
    if (!has_disk(devices_of(text), fit_for_xml(path, "a CD-ROM"))) add_cdrom(text, path);
}

void add_networks(Definition& text, const Request& request) {
  // A network that is named twice means two interfaces.
  for (auto network = request.networks.begin(); network != request.networks.end(); ++network) {
    const auto asked = std::count(request.networks.begin(), network + 1, fit_for_xml(*network, "a network"));
    if (interfaces_on(devices_of(text), *network) < asked) add_interface(text, *network);
  }
}

}  // namespace gpupass
