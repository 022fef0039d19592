// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Read by hand: libpci is under the GPL, and this library is under the LGPL.
#include "probe/pci/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>

#include "probe/pci/config_space.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kExtendedStart = 0x100;

// Capability and extended capability ids: PCI Express Base Specification 6.0, chapter 7.
constexpr unsigned kExpress = 0x10;
constexpr unsigned kAdvancedFeatures = 0x13;
constexpr unsigned kDeviceSerialNumber = 0x03;
constexpr unsigned kAccessControlServices = 0x0d;
constexpr unsigned kResizableBar = 0x15;

/// The capabilities of one list, by id; of several with one id, the first.
struct Capabilities {
  std::map<unsigned, std::size_t> offsets;
  std::string broken;  ///< Why the rest of the list is unknown. Empty: this is all of it.

  /// Where a capability of `size` bytes stands.
  Fact<std::size_t> find(const ConfigSpace& bytes, unsigned id, std::size_t size) const {
    const auto found = offsets.find(id);
    if (found == offsets.end()) {
      if (broken.empty()) return Absent{};
      return Unknown{broken};
    }
    if (!bytes.holds(found->second, size))
      return Unknown{fmt::format("saw a capability at {:#x} that ends beyond the last byte", found->second)};
    return found->second;
  }
};

std::string too_short(const ConfigSpace& bytes) {
  // What a reader without CAP_SYS_ADMIN gets; a CardBus bridge shows 128 bytes.
  if (bytes.size() <= 128) return fmt::format("needs root: only {} bytes could be read", bytes.size());
  return fmt::format("only {} bytes could be read", bytes.size());
}

/// Follows a list of capabilities. `next` reads id and successor at an offset.
template <typename Next>
Capabilities walk(const ConfigSpace& bytes, std::size_t offset, std::size_t lowest, Next next) {
  Capabilities capabilities;
  // Each stands on a double word of its own, so a list that is longer than that goes round in a circle.
  for (std::size_t left = ConfigSpace::kLargest / 4; offset != 0; --left) {
    if (left == 0) {
      capabilities.broken = "saw a list of capabilities that leads back into itself";
      break;
    }
    if (offset < lowest) {
      capabilities.broken =
          fmt::format("saw a capability at {:#x}, expected it at {:#x} or above", offset, lowest);
      break;
    }
    if (!bytes.holds(offset, 4)) {
      capabilities.broken = too_short(bytes);
      break;
    }
    const auto [id, successor] = next(offset);
    capabilities.offsets.emplace(id, offset);
    offset = successor;
  }
  return capabilities;
}

Capabilities capabilities_of(const ConfigSpace& bytes) {
  constexpr std::size_t kStatus = 0x06;
  constexpr std::uint16_t kHasList = 1 << 4;
  if (!(bytes.u16(kStatus) & kHasList)) return {};
  const bool card_bus = (bytes.u8(0x0e) & 0x7f) == 2;
  const std::size_t first = bytes.u8(card_bus ? 0x14 : 0x34) & ~3u;
  return walk(bytes, first, ConfigSpace::kHeader, [&bytes](std::size_t offset) {
    return std::pair<unsigned, std::size_t>(bytes.u8(offset), bytes.u8(offset + 1) & ~3u);
  });
}

Capabilities extended_capabilities_of(const ConfigSpace& bytes, const Fact<std::size_t>& express) {
  if (express.absent()) return {};  // Conventional PCI has none.
  if (express.unknown()) return {{}, express.why()};
  if (!bytes.holds(kExtendedStart, 4))
    return {{}, too_short(bytes) + ": extended configuration space begins beyond them"};
  // A function without extended capabilities reads zero, or ones, in the first header.
  const std::uint32_t header = bytes.u32(kExtendedStart);
  if (header == 0 || header == 0xffffffff) return {};
  return walk(bytes, kExtendedStart, kExtendedStart, [&bytes](std::size_t offset) {
    const std::uint32_t word = bytes.u32(offset);
    return std::pair<unsigned, std::size_t>(word & 0xffff, word >> 20 & ~3u);
  });
}

Fact<ExpressType> express_type(const ConfigSpace& bytes, const Fact<std::size_t>& express) {
  if (!express) return express.without_value<ExpressType>();
  const unsigned type = bytes.u16(*express + 2) >> 4 & 0xf;
  switch (static_cast<ExpressType>(type)) {
    case ExpressType::Endpoint:
    case ExpressType::LegacyEndpoint:
    case ExpressType::RootPort:
    case ExpressType::UpstreamPort:
    case ExpressType::DownstreamPort:
    case ExpressType::PcieToPciBridge:
    case ExpressType::PciToPcieBridge:
    case ExpressType::RootComplexEndpoint:
    case ExpressType::RootComplexEventCollector:
      return static_cast<ExpressType>(type);
  }
  return Unknown{fmt::format("saw PCI Express type {}, which is not assigned", type)};
}

/// Root ports and downstream ports say it: "Slot Implemented" of the PCI Express Capabilities register.
Fact<bool> leads_to_slot(const ConfigSpace& bytes, const Fact<std::size_t>& express,
                         const Fact<ExpressType>& type) {
  if (!type) return type.without_value<bool>();
  if (*type != ExpressType::RootPort && *type != ExpressType::DownstreamPort) return Absent{};
  return (bytes.u16(*express + 2) & 1u << 8) != 0;
}

/// By the Device Capabilities register of PCI Express, or by Advanced Features of conventional PCI.
Fact<bool> function_reset(const ConfigSpace& bytes, const Capabilities& capabilities,
                          const Fact<std::size_t>& express) {
  if (express && bytes.u32(*express + 4) & 1u << 28) return true;
  const Fact<std::size_t> advanced = capabilities.find(bytes, kAdvancedFeatures, 6);
  if (advanced && bytes.u8(*advanced + 3) & 1u << 1) return true;
  if (express.unknown()) return Unknown{express.why()};
  if (advanced.unknown()) return Unknown{advanced.why()};
  return false;
}

/// Ports of Intel's chip sets of the series 100 and 200, and of their mobile kin, whose registers of ACS are
/// double words: pci_quirk_intel_spt_pch_acs_match() of Linux, drivers/pci/quirks.c.
bool has_wide_acs(const ConfigSpace& bytes, const Fact<ExpressType>& type) {
  constexpr std::array<std::pair<unsigned, unsigned>, 5> kPorts = {
      {{0x9d10, 0x9d1b}, {0xa110, 0xa11f}, {0xa167, 0xa16a}, {0xa290, 0xa29f}, {0xa2e7, 0xa2ee}}};
  const unsigned device = bytes.u16(2);
  return bytes.u16(0) == 0x8086 && type && *type == ExpressType::RootPort &&
         std::ranges::any_of(
             kPorts, [=](const auto& range) { return device >= range.first && device <= range.second; });
}

Fact<Acs> access_control(const ConfigSpace& bytes, const Capabilities& extended, bool wide) {
  const Fact<std::size_t> offset = extended.find(bytes, kAccessControlServices, wide ? 12 : 8);
  if (!offset) return offset.without_value<Acs>();
  if (wide) return Acs{bytes.u16(*offset + 4), bytes.u16(*offset + 8)};
  return Acs{bytes.u16(*offset + 4), bytes.u16(*offset + 6)};
}

/// Each BAR has two registers: the sizes that it may have, from bit 4 of the first one and, for the largest,
/// from bit 16 of the second one, each twice the one before; and its number and its size now.
Fact<std::vector<ResizableBar>> resizable_bars(const ConfigSpace& bytes, const Capabilities& extended) {
  constexpr std::size_t kOfBar = 8, kFirst = 4;
  constexpr unsigned kMost = 6, kLargestCode = 43;  // 2^43 MiB.
  const Fact<std::size_t> offset = extended.find(bytes, kResizableBar, kFirst + kOfBar);
  if (!offset) return offset.without_value<std::vector<ResizableBar>>();
  const unsigned count = bytes.u32(*offset + kFirst + 4) >> 5 & 7;
  std::vector<ResizableBar> bars;
  for (std::size_t each = 0; each < std::min(count, kMost); ++each) {
    const std::size_t at = *offset + kFirst + each * kOfBar;
    if (!bytes.holds(at, kOfBar)) return Unknown{too_short(bytes)};
    const std::uint32_t sizes = bytes.u32(at) >> 4, control = bytes.u32(at + 4);
    const std::uint64_t all = sizes | static_cast<std::uint64_t>(control >> 16) << 28;
    const unsigned now = control >> 8 & 0x3f;
    if (all == 0 || now > kLargestCode) continue;
    const auto of_code = [](unsigned code) { return std::uint64_t{1} << (20 + code); };
    const auto largest = static_cast<unsigned>(std::bit_width(all) - 1);
    bars.push_back({control & 7, of_code(now), of_code(std::min(largest, kLargestCode))});
  }
  if (bars.empty()) return Absent{};
  std::ranges::sort(bars, {}, &ResizableBar::index);
  return bars;
}

Fact<std::size_t> serial_of(const ConfigSpace& bytes, const Capabilities& extended) {
  const Fact<std::size_t> capability = extended.find(bytes, kDeviceSerialNumber, 12);
  if (!capability) return capability;
  return *capability + 4;
}

Fact<std::string> serial_text(const ConfigSpace& bytes, const Fact<std::size_t>& offset) {
  if (!offset) return offset.without_value<std::string>();
  return fmt::format("{:08x}{:08x}", bytes.u32(*offset + 4), bytes.u32(*offset));
}

/// Whether the header holds ids and nothing else: no function that a machine uses does, but for the empty
/// host bridges of AMD's root complexes; captures that were converted from listings do, and say nothing of
/// capabilities.
bool holds_ids_alone(const ConfigSpace& bytes) {
  constexpr std::uint16_t kHostBridge = 0x0600;
  const bool enabled = bytes.u32(0x04) != 0;  // Command and Status.
  const bool window = bytes.u32(0x10) != 0;
  return !enabled && !window && bytes.u8(0x34) == 0 && bytes.u16(0x0a) != kHostBridge;
}

/// A function that does not answer reads ones everywhere.
bool is_silent(const ConfigSpace& bytes) {
  for (std::size_t at = 0; at < ConfigSpace::kHeader; at += 4)
    if (bytes.u32(at) != 0xffffffff) return false;
  return true;
}

/// Why these bytes are no configuration space. Empty: they are one.
std::string refusal(const ConfigSpace& bytes) {
  if (bytes.size() < ConfigSpace::kHeader)
    return fmt::format("saw {} bytes, expected at least {}", bytes.size(), ConfigSpace::kHeader);
  if (bytes.size() > ConfigSpace::kLargest)
    return fmt::format("saw {} bytes, expected at most {}", bytes.size(), ConfigSpace::kLargest);
  if (is_silent(bytes)) return "saw nothing but ones: the function does not answer";
  if (const unsigned type = bytes.u8(0x0e) & 0x7f; type > 2)
    return fmt::format("saw header type {:#x}, expected 0, 1 or 2", type);
  if (holds_ids_alone(bytes)) return "saw a header that holds ids alone";
  return {};
}

}  // namespace

Fact<PciConfig> parse_config(const ConfigSpace& bytes) {
  if (const std::string why = refusal(bytes); !why.empty()) return Unknown{why};
  const Capabilities capabilities = capabilities_of(bytes);
  const Fact<std::size_t> express = capabilities.find(bytes, kExpress, 8);
  const Capabilities extended = extended_capabilities_of(bytes, express);

  PciConfig config;
  const std::uint8_t header_type = bytes.u8(0x0e);
  config.bridge = (header_type & 0x7f) == 1;
  config.multifunction = header_type & 0x80;
  config.express = express_type(bytes, express);
  config.acs = access_control(bytes, extended, has_wide_acs(bytes, config.express));
  config.function_reset = function_reset(bytes, capabilities, express);
  config.serial = serial_text(bytes, serial_of(bytes, extended));
  config.slot = leads_to_slot(bytes, express, config.express);
  config.resizable_bars = config.bridge ? Absent{} : resizable_bars(bytes, extended);
  return config;
}

Fact<PciLink> link_in_config(std::string_view text) {
  // Codes of Link Capabilities and Link Status.
  constexpr double kSpeeds[] = {0, 2.5, 5, 8, 16, 32, 64};
  const ConfigSpace bytes(text);
  if (const std::string why = refusal(bytes); !why.empty()) return Unknown{why};
  const Fact<std::size_t> express = capabilities_of(bytes).find(bytes, kExpress, 0x14);
  if (!express) return express.without_value<PciLink>();
  const Fact<ExpressType> type = express_type(bytes, express);
  if (type == ExpressType::RootComplexEndpoint || type == ExpressType::RootComplexEventCollector)
    return Absent{};
  const auto speed = [&](unsigned word) {
    return (word & 0xf) < std::size(kSpeeds) ? kSpeeds[word & 0xf] : 0;
  };
  const auto width = [](unsigned word) { return word >> 4 & 0x3f; };
  const unsigned best = bytes.u16(*express + 0x0c), now = bytes.u16(*express + 0x12);
  return PciLink{speed(now), width(now), speed(best), width(best)};
}

std::optional<std::size_t> serial_offset(std::string_view text) {
  const ConfigSpace bytes(text);
  if (!refusal(bytes).empty()) return std::nullopt;
  const Fact<std::size_t> express = capabilities_of(bytes).find(bytes, kExpress, 8);
  const Fact<std::size_t> offset = serial_of(bytes, extended_capabilities_of(bytes, express));
  if (!offset) return std::nullopt;
  return *offset;
}

}  // namespace gpupass
