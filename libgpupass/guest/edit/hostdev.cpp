// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/hostdev.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

// Nothing but numbers goes in, so there is nothing to escape. libvirt drops an alias that does not start
// "ua-".
constexpr const char* kHostdev = R"(<hostdev mode='subsystem' type='pci' managed='no'>
  <driver name='vfio'/>
  <source>
    <address domain='0x{0:04x}' bus='0x{1:02x}' slot='0x{2:02x}' function='0x{3:x}'/>
  </source>
  <alias name='ua-gpu-{0:04x}-{1:02x}-{2:02x}-{3:x}'/>
{4}</hostdev>
)";
constexpr const char* kAddress =
    "  <address type='pci' domain='0x{:04x}' bus='0x{:02x}' slot='0x{:02x}' function='0x{:x}'{}/>\n";

}  // namespace

std::string hostdev_xml(PciAddress device, const std::optional<GuestSlot>& guest) {
  std::string address;
  if (guest)
    address =
        fmt::format(fmt::runtime(kAddress), guest->address.domain, guest->address.bus, guest->address.device,
                    guest->address.function, guest->multifunction ? " multifunction='on'" : "");
  return fmt::format(fmt::runtime(kHostdev), device.domain, device.bus, device.device, device.function,
                     address);
}

}  // namespace gpupass
