// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/document.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpupass {

namespace {

constexpr int kFormat = 1;
constexpr int kMostDepth = 64;  // Each level is a call within a call where the value is used, and freed.

using nlohmann::json;

/// Ends at the first error, and at the first value that lies too deep.
struct Parsed {
  json value;
  std::size_t wrong_byte = 0;  ///< 0: all of it is JSON.
  bool too_deep = false;
};

Parsed parse(std::string_view text) {
  Parsed parsed;
  const auto is_shallow = [&](int depth, json::parse_event_t, json&) {
    return !(parsed.too_deep = parsed.too_deep || depth > kMostDepth);
  };
  try {
    parsed.value = json::parse(text, is_shallow);
  } catch (const json::parse_error& error) {
    parsed.wrong_byte = std::max<std::size_t>(error.byte, 1);
  } catch (const json::exception&) {
    parsed.wrong_byte = 1;
  }
  return parsed;
}

[[noreturn]] void refuse_depth(const JsonPlace& place) {
  place.malformed(std::string_view("values nested too deeply"), fmt::format("at most {} levels", kMostDepth));
}

}  // namespace

std::optional<json> json_in(std::string_view text, const JsonPlace& place) {
  Parsed parsed = parse(text);
  if (parsed.wrong_byte != 0) return std::nullopt;
  if (parsed.too_deep) refuse_depth(place);
  return std::move(parsed.value);
}

std::string document_of(const char* what, nlohmann::ordered_json value) {
  nlohmann::ordered_json document;
  document["format"] = kFormat;
  document[what] = std::move(value);
  return document.dump(2) + "\n";
}

json value_in(std::string_view document, const char* what, OtherKeys others) {
  const JsonPlace place(what);
  auto [object, wrong_byte, too_deep] = parse(document);
  if (wrong_byte != 0)
    place.malformed(std::string_view(fmt::format("something else at byte {}", wrong_byte)), "JSON");
  if (too_deep) refuse_depth(place);
  if (!object.is_object()) place.malformed(object, "an object");
  if (!object.contains("format") || object["format"] != kFormat)
    place["format"].malformed(object.value("format", json()), fmt::to_string(kFormat));
  if (!object.contains(what) || (others == OtherKeys::Refused && object.size() != 2))
    place.malformed(object, fmt::format("the keys \"format\" and \"{}\"", what));
  return std::move(object[what]);
}

}  // namespace gpupass
