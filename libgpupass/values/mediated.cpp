// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/mediated.hpp"

#include <fmt/format.h>

#include "values/card.hpp"
#include "values/hash.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

bool is_mediated_type(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
  return !name.empty() && !name.starts_with('.') && name.find_first_not_of(kLetters) == name.npos;
}

/// Version 8 of RFC 9562, which leaves all other bits to us.
DeviceId stable_mediated_device(PciAddress parent, const std::string& type, unsigned number) {
  const std::string name = fmt::format("{} {} {}", parent.to_string(), type, number);
  const std::uint64_t high = hash("gpupass mdev " + name), low = hash(name + " mdev gpupass");
  const std::uint64_t with_version = (high & 0xffffffffffff0fff) | 0x8000;
  const std::uint64_t with_variant = (low & 0x3fffffffffffffff) | 0x8000000000000000;
  return *DeviceId::parse(fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", with_version >> 32,
                                      (with_version >> 16) & 0xffff, with_version & 0xffff,
                                      with_variant >> 48, with_variant & 0xffffffffffff));
}

std::optional<PciAddress> parent_of_mediated(const Host& host, DeviceId device) {
  const std::string uuid = device.to_string();
  for (const DeviceUse& use : host.uses.value_or({}))
    if (use.kind == DeviceUse::Kind::Mdev && use.what == uuid) return use.address;
  return std::nullopt;
}

const PciFunction* function_behind(const Host& host, DeviceId device) {
  const auto function = device.is_mediated() ? parent_of_mediated(host, device) : device.function();
  return function ? find_function(host, *function) : nullptr;
}

bool goes_as_it_is(const Host& host, DeviceId device) {
  if (device.is_mediated()) return true;
  const PciFunction* function = find_function(host, device);
  return function && !on_vfio(*function) && function->vgpu_type.value_or(0) != 0;
}

std::string mediated_type_link(PciAddress parent, DeviceId device) {
  return sysfs_path(parent, device.to_string() + "/mdev_type");
}

std::string mdevctl_path(PciAddress parent, const std::string& uuid) {
  return fmt::format("{}/{}/{}", kMdevctlFolder, parent.to_string(), uuid);
}

}  // namespace gpupass
