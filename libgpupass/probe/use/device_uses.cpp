// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/device_uses.hpp"

#include <algorithm>
#include <tuple>

#include "probe/pci/function_above.hpp"
#include "probe/use/console.hpp"
#include "probe/use/disk_uses.hpp"
#include "probe/use/network_uses.hpp"

namespace gpupass {

namespace {

std::vector<DeviceUse> mediated_devices(const System& system) {
  std::vector<DeviceUse> uses;
  const std::string folder = "/sys/bus/mdev/devices";
  for (const std::string& uuid : system.list(folder).value_or({}))
    if (const auto address = function_above(system, folder + '/' + uuid))
      uses.push_back({*address, DeviceUse::Kind::Mdev, uuid});
  return uses;
}

}  // namespace

Fact<std::vector<DeviceUse>> read_device_uses(const System& system, const Host& host, Limits& limits) {
  const Fact<std::string> mountinfo = system.read("/proc/self/mountinfo");
  const Fact<std::vector<std::string>> disks = system.list("/sys/class/block"),
                                       networks = system.list("/sys/class/net");
  if (!mountinfo || disks.unknown() || networks.unknown()) {
    const std::string why = "which disks are mounted, and which networks are up, cannot be read";
    limits.add("uses of devices", why);
    return Unknown{why};
  }
  std::vector<DeviceUse> uses = disk_uses(system, host, disks.value_or({}), *mountinfo);
  const auto add = [&uses](const std::vector<DeviceUse>& more) {
    uses.insert(uses.end(), more.begin(), more.end());
  };
  if (networks) add(network_uses(system, host, *networks));
  add(mediated_devices(system));
  const std::vector<DeviceUse> framebuffers = framebuffer_uses(system.read("/proc/iomem").value_or(""));
  add(console_uses(system, framebuffers));
  add(framebuffers);
  std::ranges::sort(
      uses, {}, [](const DeviceUse& use) { return std::tie(use.address, use.what, use.kind, use.guest); });
  return uses;
}

}  // namespace gpupass
