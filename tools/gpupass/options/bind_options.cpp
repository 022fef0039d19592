// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/bind_options.hpp"

#include "options/number_option.hpp"

namespace gpupass {

namespace {

std::vector<std::string> services(const Invocation& invocation) {
  std::vector<std::string> units = invocation.all("stop");
  for (const std::string& unit : units)
    if (!unit.ends_with(".service"))
      refuse_value(invocation, "stop", unit, "a service such as display-manager.service");
  return units;
}

}  // namespace

std::vector<PciAddress> forced_devices(const Invocation& invocation) {
  std::vector<PciAddress> devices;
  for (const std::string& name : invocation.all("force")) {
    const auto address = PciAddress::parse(name);
    if (!address) refuse_value(invocation, "force", name, "the address of one device");
    devices.push_back(*address);
  }
  return devices;
}

void describe_force(po::options_description& options) {
  options.add_options()("force", po::value<std::vector<std::string>>()->value_name("DEVICE"),
                        "skip the checks that protect this device; may be repeated");
}

void describe_bind_options(po::options_description& options) {
  describe_force(options);
  auto add = options.add_options();
  add("stop", po::value<std::vector<std::string>>()->value_name("UNIT"),
      "stop this service when it has a GPU open; may be repeated");
}

BindOptions bind_options(const Invocation& invocation) {
  return {forced_devices(invocation), services(invocation)};
}

}  // namespace gpupass
