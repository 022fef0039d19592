// SPDX-License-Identifier: GPL-2.0-or-later
#include "force_option.hpp"

#include "number_option.hpp"

namespace gpupass {

void describe_force_option(po::options_description& options) {
  options.add_options()("force", po::value<std::vector<std::string>>()->value_name("DEVICE"),
                        "give up the protection of this device, by its address; may be repeated");
}

std::vector<PciAddress> forced_devices(const Invocation& invocation) {
  std::vector<PciAddress> devices;
  for (const std::string& name : invocation.all("force")) {
    const auto address = PciAddress::parse(name);
    if (!address) refuse_value(invocation, "force", name, "the address of one device");
    devices.push_back(*address);
  }
  return devices;
}

}  // namespace gpupass
