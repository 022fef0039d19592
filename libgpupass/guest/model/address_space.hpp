// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>

#include "gpupass/host.hpp"

/// The addresses of a guest: its memory, and above it the window for the memory of its devices.
namespace gpupass {

/// The bits of address that the host's CPUs have and its IOMMU translates; nullopt: neither is known.
std::optional<unsigned> address_bits_of(const Host& host);
/// The bits that the guest's CPU has; nullopt: as many as the host's, which are not known.
std::optional<unsigned> address_bits_of(pugi::xml_node domain, const Host& host);

/// Where the guest's memory ends, what may be plugged in included.
std::uint64_t memory_end(pugi::xml_node domain);
/// Where a window of this size ends: firmware lets it begin at a multiple of its size.
std::uint64_t window_end(pugi::xml_node domain, std::uint64_t window);

/// The start of the argument that gives UEFI firmware the size of its window, in MiB.
inline constexpr const char* kFirmwareWindow = "opt/ovmf/X-PciMmio64Mb,string=";

}  // namespace gpupass
