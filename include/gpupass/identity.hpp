// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#pragma GCC visibility push(default)
namespace gpupass {

struct Host;
struct PciFunction;

/// Which device a function is. An address does not tell: addresses move when a card or a disk is added. A
/// member that is not known is empty.
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

/// No serial number is longer, and no board has that many ports in a row.
inline constexpr std::size_t kLongestIdentityText = 256;

/// The members and their names, for code that treats all of them alike.
inline constexpr std::pair<const char*, std::optional<std::uint16_t> Identity::*> kIdentityIds[] = {
    {"vendor", &Identity::vendor},
    {"device", &Identity::device},
    {"subsystem-vendor", &Identity::subsystem_vendor},
    {"subsystem-device", &Identity::subsystem_device}};
inline constexpr std::pair<const char*, std::string Identity::*> kIdentityTexts[] = {
    {"serial", &Identity::serial}, {"uuid", &Identity::uuid}, {"path", &Identity::path}};

/// @returns what the function says about itself, without its slot, which only the host knows.
Identity identity_of(const PciFunction& function);
/// @returns what the function says about itself, its slot, and what `bind` recorded: on vfio-pci no driver
/// gives the UUID.
Identity identity_of(const Host& host, const PciFunction& function);

/// @returns "10de:2330 (subsystem 10de:16c1, serial number 48b02d0000a1b2c3, UUID GPU-7c5b8f0e)", without the
/// parts that are not known.
std::string text_of(const Identity& identity);

/// Where a function is plugged in. Other cards do not change it: "pci0000:60/01.0/00.0" is the host bridge,
/// the device and function numbers of each port on the way, and those of the function.
/// @returns empty when a part of the way is not known.
std::string slot_path(const Host& host, const PciFunction& function);

/// Whether two identities are of one device.
enum class Likeness {
  Same,   ///< A serial number or UUID says so.
  Alike,  ///< Nothing says so, and nothing says otherwise: cards of one model may have no serial number.
  Other,  ///< They differ in something that both tell. The slot alone proves nothing.
};
Likeness likeness(const Identity& one, const Identity& other);

/// @returns `now`, completed by what was known about the same device earlier, for example while it had its
/// own driver. Nothing is taken from an identity that belongs to another device, or may do so.
Identity completed(Identity now, const Identity& earlier);

}  // namespace gpupass
#pragma GCC visibility pop
