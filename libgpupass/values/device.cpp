// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/device.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kUuidLength = 36;

/// A UUID is 16 bytes in hexadecimal, with a dash before each of these.
constexpr bool has_dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

std::optional<DeviceId> DeviceId::parse(std::string_view text) {
  if (const auto function = PciAddress::parse(text)) return DeviceId(*function);
  if (text.size() != kUuidLength) return std::nullopt;
  Uuid uuid{};
  for (std::size_t byte = 0; byte < uuid.size(); ++byte) {
    if (has_dash_before(byte)) {
      if (!text.starts_with('-')) return std::nullopt;
      text.remove_prefix(1);
    }
    const std::string_view digits = text.substr(0, 2);
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) return std::nullopt;
    uuid[byte] = parse_number<std::uint8_t>(digits, 16).value_or(0);
    text.remove_prefix(2);
  }
  DeviceId device;
  device.id_ = uuid;
  return device;
}

std::string DeviceId::to_string() const {
  if (const auto* function = std::get_if<PciAddress>(&id_)) return function->to_string();
  const Uuid& uuid = std::get<Uuid>(id_);
  std::string text;
  for (std::size_t byte = 0; byte < uuid.size(); ++byte)
    text += fmt::format("{}{:02x}", has_dash_before(byte) ? "-" : "", uuid[byte]);
  return text;
}

std::optional<PciAddress> DeviceId::function() const {
  const auto* function = std::get_if<PciAddress>(&id_);
  return function ? std::optional(*function) : std::nullopt;
}

}  // namespace gpupass
