// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/intel_graphics.hpp"

#include <fmt/format.h>

#include <string_view>

#include "gpupass/error.hpp"
#include "guest/edit/cards.hpp"
#include "guest/edit/domain.hpp"
#include "guest/edit/hostdev.hpp"
#include "guest/edit/qemu.hpp"
#include "guest/model/buses.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

constexpr PciAddress kPlace{0, 0, 2, 0};

}  // namespace

bool stands_as_on_host(const Definition& text, PciAddress function) {
  return guest_address(giver_of(text.child("devices"), function)) == kPlace;
}

/// libvirt finds another place for a port, and the guest sees the same buses.
PciAddress slot_of_intel_graphics(Definition& text) {
  for (const pugi::xml_node device : devices_of(text).children()) {
    const auto address = guest_address(device);
    if (!address || !address->same_slot(kPlace)) continue;
    if (std::string_view(device.attribute("model").value()) != "pcie-root-port")
      throw Error(
          ErrorCode::Refused, "domain XML",
          fmt::format("cannot give the guest the graphics of the processor: saw a <{}> at 00:02.{} of its "
                      "root bus, expected that place free",
                      device.name(), address->function),
          "remove the <address> of that device: libvirt finds another one");
    text.remove(device.child("address"));
  }
  return kPlace;
}

void give_op_region(Definition& text, PciAddress function) {
  const pugi::xml_node giver = giver_of(devices_of(text), function);
  if (!giver) return;
  if (!giver.child("alias")) {
    pugi::xml_document scratch;
    text.put(giver, append_hostdev(scratch, function).child("alias"));
  }
  set_qemu_flag(text, giver.child("alias").attribute("name").value(), "x-igd-opregion");
}

}  // namespace gpupass
