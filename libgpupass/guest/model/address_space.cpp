// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/address_space.hpp"

#include <algorithm>
#include <string_view>

#include "guest/model/libvirt_values.hpp"
#include "guest/model/port_window.hpp"
#include "guest/model/root_part.hpp"
#include "values/round_up.hpp"
#include "values/sizes.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kLowMemoryEnd = 4 * kGiB;
constexpr unsigned kBitsOfModels = 40;  // Of QEMU's CPU models, whatever the host has.

std::uint64_t size_in(pugi::xml_node element) {
  return std::min(bytes_from(element.child_value(), element.attribute("unit").value()).value_or(0),
                  Window::kLargest);
}

}  // namespace

std::optional<unsigned> address_bits_of(const Host& host) {
  std::optional<unsigned> bits;
  if (host.cpu_address_bits) bits = *host.cpu_address_bits;
  if (host.iommu && host.iommu->address_bits)
    bits = std::min(bits.value_or(*host.iommu->address_bits), *host.iommu->address_bits);
  return bits;
}

std::optional<unsigned> address_bits_of(pugi::xml_node domain, const Host& host) {
  const pugi::xml_node cpu = domain.child("cpu");
  const pugi::xml_node width = cpu.child("maxphysaddr");
  const std::string_view mode = cpu.attribute("mode").value();
  if (width.attribute("bits")) return width.attribute("bits").as_uint();
  if (!width && mode != "host-passthrough" && mode != "maximum") return kBitsOfModels;
  std::optional<unsigned> bits;
  if (host.cpu_address_bits) bits = *host.cpu_address_bits;
  if (const unsigned limit = width.attribute("limit").as_uint(); limit > 0 && bits)
    bits = std::min(*bits, limit);
  return bits;
}

std::uint64_t memory_end(pugi::xml_node domain) {
  const pugi::xml_node most = domain.child("maxMemory");
  // QEMU keeps 1 GiB for each slot, to align what is plugged into it.
  return kLowMemoryEnd + std::max(size_in(domain.child("memory")), size_in(most)) +
         std::min(most.attribute("slots").as_uint(), 256u) * kGiB;
}

std::uint64_t window_end(pugi::xml_node domain, std::uint64_t window) {
  return round_up(memory_end(domain), window) + window;
}

}  // namespace gpupass
