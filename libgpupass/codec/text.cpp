// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "values/number.hpp"
#include "values/utf8.hpp"

namespace gpupass {

namespace {

std::optional<std::string> bytes_of(std::string_view digits) {
  std::string bytes;
  for (; digits.size() >= 2; digits.remove_prefix(2)) {
    const auto byte = parse_digits<unsigned char>(digits.substr(0, 2), 2);
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
  }
  if (!digits.empty()) return std::nullopt;
  return bytes;
}

}  // namespace

nlohmann::ordered_json json_of_text(const std::string& text) {
  if (valid_utf8(text) == text.size()) return text;
  std::string digits;
  for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return {{"bytes", digits}};
}

std::string text_from(const nlohmann::json& json, const JsonPlace& place) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_object() && json.contains("bytes") && json["bytes"].is_string())
    if (auto bytes = bytes_of(json["bytes"].get_ref<const std::string&>())) return *std::move(bytes);
  place.malformed(json, "a text, or {\"bytes\": hexadecimal digits}");
}

const nlohmann::json* JsonReader::find(const char* key) const {
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

}  // namespace gpupass
