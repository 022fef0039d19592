// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>
#include <vector>

#include "guest/edit/cards.hpp"
#include "guest/edit/domain.hpp"
#include "guest/edit/expanders.hpp"
#include "guest/edit/hostdev.hpp"
#include "guest/edit/slots.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

/// A mediated device that is to be given, and the guest's cell that its parent is near.
struct Wanted {
  DeviceId device;
  std::optional<unsigned> cell;
};

std::vector<Wanted> missing(const Definition& text, const Host& host, const Placement& placement) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  std::vector<Wanted> missing;
  for (const DeviceId device : placement.devices) {
    if (!device.is_mediated() || std::ranges::binary_search(given, device)) continue;
    missing.push_back({device, cell_of(host, placement, device)});
  }
  return missing;
}

}  // namespace

void add_mediated(Definition& text, const Host& host, const Placement& placement) {
  if (std::ranges::none_of(placement.devices, &DeviceId::is_mediated)) return;
  const std::vector<Wanted> all = missing(text, host, placement);
  std::vector<unsigned> of_cell(placement.cells.size());
  for (const Wanted& wanted : all)
    if (wanted.cell) ++of_cell[*wanted.cell];
  if (is_q35(text.root())) make_ports(text, of_cell);
  for (const Wanted& wanted : all) {
    const PciAddress slot = slot_near(text, wanted.cell);
    pugi::xml_document scratch;
    pugi::xml_node hostdev = append_hostdev(scratch, wanted.device);
    append_guest_address(hostdev, slot);
    text.insert(devices_of(text), hostdev);
  }
}

void remove_former_mediated(Definition& text, const Placement& placement) {
  std::vector<DeviceId> former;
  for (const pugi::xml_node element : own_metadata(text).children()) {
    const auto device = DeviceId::parse(element.attribute("address").value());
    if (device && device->is_mediated() && !std::ranges::binary_search(placement.devices, *device))
      former.push_back(*device);
  }
  if (former.empty()) return;
  text.remove_all(text.child("devices"), [&](pugi::xml_node device) {
    const auto claimed = claimed_device(device);
    return claimed && std::ranges::find(former, *claimed) != former.end();
  });
}

}  // namespace gpupass
