// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

bool is_utf8(const std::string& text) {
  if (std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }))
    return true;
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::optional<std::string> bytes_of(std::string_view digits) {
  std::string bytes;
  for (; digits.size() >= 2; digits.remove_prefix(2)) {
    const auto byte = digits[1] != 'x' && digits[1] != 'X'
                          ? parse_number<unsigned char>(digits.substr(0, 2), 16)
                          : std::nullopt;
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
  }
  if (!digits.empty()) return std::nullopt;
  return bytes;
}

}  // namespace

nlohmann::ordered_json json_of_text(const std::string& text) {
  if (is_utf8(text)) return text;
  std::string digits;
  for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return {{"bytes", digits}};
}

std::string text_from(const nlohmann::json& json, const JsonPlace& place) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_object() && json.size() == 1 && json.contains("bytes") && json.front().is_string())
    if (auto bytes = bytes_of(json.front().get_ref<const std::string&>())) return *std::move(bytes);
  place.malformed(json, "a text, or {\"bytes\": hexadecimal digits}");
}

const nlohmann::json* JsonReader::find(const char* key) {
  const auto found = object_.find(key);
  if (found == object_.end()) return nullptr;
  keys_.emplace_back(key);
  return &*found;
}

void JsonReader::expect_no_more() const {
  if (keys_.size() == object_.size()) return;
  for (const auto& [key, value] : object_.items())
    if (std::ranges::find(keys_, key) == keys_.end())
      place_.malformed(std::string_view(fmt::format("the key {}", nlohmann::json(key).dump(-1, ' ', true))),
                       "none but those known");
}

}  // namespace gpupass
