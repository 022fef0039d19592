// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "gpupass/export.hpp"

namespace GPUPASS_EXPORT gpupass {

struct Host;
struct PciFunction;

/// Which device a function is, whatever its address: addresses move when a card or a disk is added. A member
/// is empty where it is not known.
struct Identity {
  std::optional<std::uint16_t> vendor = {};
  std::optional<std::uint16_t> device = {};
  std::optional<std::uint16_t> subsystem_vendor = {};
  std::optional<std::uint16_t> subsystem_device = {};
  std::string serial = {};  ///< Device Serial Number capability. All functions of a card may have the same.
  std::string uuid = {};    ///< The vendor driver's, as PciFunction has it.
  std::string path = {};    ///< slot_path().
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// No serial number is longer, and no board has ports so deep.
inline constexpr std::size_t kLongestIdentityText = 256;

/// The members and their names, for code that treats them all alike.
inline constexpr std::pair<const char*, std::optional<std::uint16_t> Identity::*> kIdentityIds[] = {
    {"vendor", &Identity::vendor},
    {"device", &Identity::device},
    {"subsystem-vendor", &Identity::subsystem_vendor},
    {"subsystem-device", &Identity::subsystem_device}};
inline constexpr std::pair<const char*, std::string Identity::*> kIdentityTexts[] = {
    {"serial", &Identity::serial}, {"uuid", &Identity::uuid}, {"path", &Identity::path}};

/// @returns what the function tells of itself, without its slot: that takes the host.
Identity identity_of(const PciFunction& function);
/// @returns what the function tells of itself, its slot, and what `bind` has recorded of it: on vfio-pci no
/// driver tells a UUID.
Identity identity_of(const Host& host, const PciFunction& function);

/// @returns "10de:2330 (subsystem 10de:16c1, serial number 48b02d0000a1b2c3, UUID GPU-7c5b8f0e)", without the
/// parts that are not known.
std::string text_of(const Identity& identity);

/// Where a function is plugged in, in terms that no other card moves: "pci0000:60/01.0/00.0" is the host
/// bridge, then the device and function numbers of each port on the way, and its own.
/// @returns empty when a part of the way is not known.
std::string slot_path(const Host& host, const PciFunction& function);

/// Whether two identities are of one device.
enum class Likeness {
  Same,   ///< A serial number or UUID says so.
  Alike,  ///< Nothing says so, and nothing says otherwise: cards of one model may have no serial number.
  Other,  ///< They differ in something that both tell. The slot alone proves nothing.
};
Likeness likeness(const Identity& one, const Identity& other);

/// @returns `now`, completed by what was known of the same device earlier, while it was on its own driver,
/// say. Nothing is taken from an identity that is another device's, or may be.
Identity completed(Identity now, const Identity& earlier);

}  // namespace GPUPASS_EXPORT gpupass
