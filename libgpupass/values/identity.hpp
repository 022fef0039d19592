// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "gpupass/host.hpp"

/// Which device a function is, whatever its address is called today: addresses move when a card or a disk is
/// added.
namespace gpupass {

inline constexpr std::size_t kLongestIdentityText =
    256;  ///< No serial number is longer, and no board has ports so deep.

/// What is known of it; the rest is empty.
struct Identity {
  std::optional<std::uint16_t> vendor;
  std::optional<std::uint16_t> device;
  std::optional<std::uint16_t> subsystem_vendor;
  std::optional<std::uint16_t> subsystem_device;
  std::string serial;  ///< Of the Device Serial Number capability. All functions of a card may have the same.
  std::string uuid;    ///< The vendor driver's.
  std::string path;    ///< slot_path().
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Its fields and their names, for whoever writes all of them down.
inline constexpr std::pair<const char*, std::optional<std::uint16_t> Identity::*> kIdentityIds[] = {
    {"vendor", &Identity::vendor},
    {"device", &Identity::device},
    {"subsystem-vendor", &Identity::subsystem_vendor},
    {"subsystem-device", &Identity::subsystem_device}};
inline constexpr std::pair<const char*, std::string Identity::*> kIdentityTexts[] = {
    {"serial", &Identity::serial}, {"uuid", &Identity::uuid}, {"path", &Identity::path}};

/// What it tells of itself, and what bind has written down of it: on vfio-pci no driver tells a UUID.
Identity identity_of(const Host& host, const PciFunction& function);
Identity identity_of(const Home& home);
/// "10de:2330, serial number 48b02d0000a1b2c3".
std::string text_of(const Identity& identity);

/// Where a function is plugged in, in terms that no other card moves: "pci0000:60/01.0/00.0" is the host
/// bridge, then the device and function numbers of each port on the way, and its own. Empty: not all of the
/// way is known.
std::string slot_path(const Host& host, const PciFunction& function);

enum class Likeness {
  Same,   ///< A serial number or UUID says so.
  Alike,  ///< Nothing says so, and nothing says otherwise: cards of one model may have no serial number.
  Other,
};
Likeness likeness(const Identity& one, const Identity& other);

/// With what was known earlier, while the device was on its own driver, say; nothing of what is another
/// device's, or may be.
Identity completed(Identity now, const Identity& earlier);

}  // namespace gpupass
