// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "gpupass/error.hpp"
#include "values/own_switch.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The functions at one bus and device number.
std::span<const PciFunction> slot_of(const Host& host, PciAddress address) {
  address.function = 0;
  const auto first = std::ranges::lower_bound(host.functions, address, {}, &PciFunction::address);
  const auto last = std::find_if(first, host.functions.end(),
                                 [&](const PciFunction& f) { return !f.address.same_slot(address); });
  return {first, last};
}

/// AMD, and Hygon, who builds its processors: the graphics, sound, USB and security of a processor answer at
/// one device number behind an internal bridge, and have nothing else in common.
bool is_of_processor(const PciFunction& function) {
  return function.vendor && (*function.vendor == 0x1022 || *function.vendor == 0x1d94);
}

/// Of functions at one bus and device number.
bool same_device(const PciFunction& one, const PciFunction& other) {
  if (one.iommu_group && one.iommu_group == other.iommu_group) return true;
  if (!one.vendor || !other.vendor) return true;
  return *one.vendor == *other.vendor && !is_of_processor(one);
}

}  // namespace

bool is_bridge(const PciFunction& function) {
  if (function.config && function.config->bridge) return true;
  if (!function.class_code) return false;
  const auto type = *function.class_code >> 8;
  return is_bridge_class(*function.class_code) || type == 0x0600 || type == 0x0601;
}

bool is_gpu(const PciFunction& function) {
  return function.class_code && is_gpu_class(*function.class_code);
}

bool is_nvswitch(const PciFunction& function) {
  return function.vendor && *function.vendor == kNvidia && function.class_code.value_or(0) >> 8 == 0x0680;
}

bool is_virtual(const PciFunction& function) {
  return function.physical_function.known();
}

bool is_network(const PciFunction& function) {
  return function.class_code && *function.class_code >> 16 == 0x02;
}

bool is_nvme(const PciFunction& function) {
  return function.class_code && *function.class_code >> 8 == 0x0108;
}

bool is_vfio_driver(std::string_view driver) {
  return driver == kVfioDriver || driver.ends_with("-vfio-pci") || driver.ends_with("_vfio_pci");
}

std::string vfio_driver_of(const PciFunction& function) {
  return function.vfio_driver.value_or(kVfioDriver);
}

bool on_vfio(const PciFunction& function) {
  if (!function.driver) return false;
  return is_vfio_driver(*function.driver) || (function.vfio_device && !function.vgpu_type);
}

bool keeps_group_from_guests(const PciFunction& function) {
  const bool is_pci_bridge = function.class_code && is_bridge_class(*function.class_code);
  return function.driver && !on_vfio(function) && *function.driver != "pci-stub" && !is_pci_bridge;
}

bool is_intel_graphics(const PciFunction& function) {
  return function.address == PciAddress{0, 0, 2, 0} && is_gpu(function) && !is_virtual(function) &&
         function.vendor && *function.vendor == 0x8086;
}

bool is_amd_processors_graphics(const Host& host, const PciFunction& function) {
  return is_gpu(function) && !is_virtual(function) && function.vendor && *function.vendor == 0x1002 &&
         std::ranges::any_of(slot_of(host, function.address), is_of_processor);
}

bool can_show_console(const PciFunction& function) {
  if (!function.class_code || is_virtual(function)) return false;
  return *function.class_code >> 16 == 0x03 && *function.class_code >> 8 != 0x0302;
}

bool has_virtual_functions(const PciFunction& function) {
  return (function.sriov && function.sriov->vfs > 0) ||
         (function.virtual_functions && !function.virtual_functions->empty());
}

bool same_card(const Host& host, const PciFunction& one, const PciFunction& other) {
  if (one.address == other.address) return true;
  if (is_virtual(one) || is_virtual(other)) return false;
  if (one.address.same_slot(other.address)) return same_device(one, other);
  const PciFunction* own = own_switch(host, one);
  return own && own == own_switch(host, other);
}

std::vector<const PciFunction*> card_mates(const Host& host, const PciFunction& function) {
  std::vector<const PciFunction*> mates;
  const auto add = [&](const PciFunction& mate) {
    if (mate.address != function.address && same_card(host, function, mate)) mates.push_back(&mate);
  };
  if (own_switch(host, function))
    for (const PciFunction& mate : host.functions) add(mate);
  else
    for (const PciFunction& mate : slot_of(host, function.address)) add(mate);
  return mates;
}

std::vector<PciAddress> card_of(const Host& host, const PciFunction& function) {
  std::vector<PciAddress> card;
  if (!is_bridge(function)) card.push_back(function.address);
  for (const PciFunction* mate : card_mates(host, function))
    if (!is_bridge(*mate)) card.push_back(mate->address);
  std::ranges::sort(card);
  return card;
}

std::vector<const PciFunction*> slot_mates(const Host& host, const PciFunction& function) {
  std::vector<const PciFunction*> mates;
  if (is_virtual(function)) return mates;
  for (const PciFunction& mate : slot_of(host, function.address))
    if (mate.address != function.address && !is_virtual(mate)) mates.push_back(&mate);
  return mates;
}

PciAddress function_of(DeviceId device) {
  const auto function = device.function();
  if (!function)
    throw Error(
        ErrorCode::Refused, device.to_string(),
        fmt::format("cannot use {}: saw a mediated device, expected a PCI function", device.to_string()),
        "gpupass attach and gpupass detach give mediated devices and take them");
  return *function;
}

std::vector<PciAddress> functions_of(const std::vector<DeviceId>& devices) {
  std::vector<PciAddress> functions;
  for (const DeviceId device : devices) functions.push_back(function_of(device));
  return functions;
}

const PciFunction& function_at(const Host& host, PciAddress address) {
  const PciFunction* function = find_function(host, address);
  if (!function)
    throw Error(ErrorCode::NotFound, address.to_string(),
                fmt::format("cannot find {}: this host has no such PCI function", address.to_string()),
                gpus_text(host));
  return *function;
}

}  // namespace gpupass
