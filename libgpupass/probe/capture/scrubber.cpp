// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/capture/scrubber.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "codec/document.hpp"
#include "gpupass/error.hpp"
#include "guest/edit/capturable.hpp"
#include "probe/pci/config.hpp"
#include "values/lower.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

bool is_hex(char character) {
  return std::isxdigit(static_cast<unsigned char>(character)) != 0;
}
bool is_word(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

/// The length of the UUID that `text` starts with; 0: there is none.
std::size_t uuid_length(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() < kShape.size()) return 0;
  for (std::size_t at = 0; at < kShape.size(); ++at)
    if (kShape[at] == 'x' ? !is_hex(text[at]) : text[at] != '-') return 0;
  return kShape.size();
}

/// The length of the hardware address that `text` starts with: six pairs of hexadecimal digits or, with
/// InfiniBand, more, all joined by colons or all by hyphens; 0: there is none.
std::size_t hardware_address_length(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t at = 0; at + 2 <= text.size() && is_hex(text[at]) && is_hex(text[at + 1]); at += 3) {
    length = at + 2;
    if (length == text.size() || text[length] != text[2] || (text[2] != ':' && text[2] != '-')) break;
  }
  return length < 17 ? 0 : length;
}

}  // namespace

template <typename Make>
std::string Scrubber::stand_in(const std::string& identifier, Make make) {
  if (const auto known = pseudonyms_.find(identifier); known != pseudonyms_.end()) return known->second;
  if (!learning_) return identifier;
  return pseudonyms_[identifier] = make(pseudonyms_.size() + 1);
}

std::string Scrubber::uuid(std::string_view original) {
  return stand_in(lower(original),
                  [](std::size_t number) { return fmt::format("00000000-0000-4000-8000-{:012x}", number); });
}

std::string Scrubber::hardware_address(std::string_view original) {
  const char separator = original[2];
  std::string address = lower(original);
  std::ranges::replace(address, '-', ':');
  const std::size_t pairs = (original.size() + 1) / 3;
  address = stand_in(address, [pairs](std::size_t number) {
    std::string made = "02";  // Locally administered: no vendor's.
    for (std::size_t left = pairs - 1; left-- > 0;)
      made += fmt::format(":{:02x}", left < sizeof number ? number >> 8 * left & 0xff : 0);
    return made;
  });
  std::ranges::replace(address, ':', separator);
  return address;
}

std::string Scrubber::device_serial(const std::string& original) {
  return stand_in(lower(original), [](std::size_t number) { return fmt::format("{:016x}", number); });
}

std::string Scrubber::identifier(const std::string& original) {
  if (original.empty()) return original;
  const std::string replaced = text(original);
  return replaced != original ? replaced : device_serial(original);
}

std::string Scrubber::home(const std::string& original) {
  std::optional<nlohmann::json> record;
  try {
    record = json_in(original, JsonPlace("home"));
  } catch (const Error&) {  // It is nested too deeply, and the probe says so.
  }
  if (!record || !record->is_object()) return text(original);
  for (const char* key : {"serial", "uuid"})
    if (const auto field = record->find(key); field != record->end() && field->is_string())
      *field = identifier(field->get<std::string>());
  return record->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string Scrubber::text(std::string_view original) {
  std::string result;
  for (std::size_t at = 0; at < original.size();) {
    const std::string_view rest = original.substr(at);
    const std::size_t length = std::max(uuid_length(rest), hardware_address_length(rest));
    const bool whole = length != 0 && (at == 0 || !is_word(original[at - 1])) &&
                       (length == rest.size() || !is_word(rest[length]));
    if (!whole) {
      result += original[at++];
      continue;
    }
    const std::string_view identifier = rest.substr(0, length);
    result += uuid_length(rest) != 0 ? uuid(identifier) : hardware_address(identifier);
    at += length;
  }
  return result;
}

std::string Scrubber::domain_xml(const std::string& original) {
  return text(capturable(original, [this](const std::string& seen) { return identifier(seen); }));
}

std::string Scrubber::config(std::string bytes) {
  const auto offset = serial_offset(bytes);
  if (!offset) return bytes;
  std::uint64_t number = 0;
  for (std::size_t at = 8; at-- > 0;) number = number << 8 | static_cast<std::uint8_t>(bytes[*offset + at]);
  const std::string replaced = device_serial(fmt::format("{:016x}", number));
  number = parse_number<std::uint64_t>(replaced, 16).value_or(0);
  for (std::size_t at = 0; at < 8; ++at) bytes[*offset + at] = static_cast<char>(number >> 8 * at);
  return bytes;
}

}  // namespace gpupass
