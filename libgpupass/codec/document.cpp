// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/document.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

constexpr int kFormat = 1;
constexpr int kMostDepth = 64;  // Each level is a call within a call where the value is used, and freed.

nlohmann::json parsed(std::string_view text, const JsonPlace& place) {
  bool too_deep = false;
  const auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return !(too_deep = too_deep || depth > kMostDepth);
  };
  try {
    nlohmann::json json = nlohmann::json::parse(text, shallow);
    if (!too_deep) return json;
    place.malformed(std::string_view("values within values, over and over"),
                    fmt::format("at most {} levels", kMostDepth));
  } catch (const nlohmann::json::exception& error) {
    const auto* syntax = dynamic_cast<const nlohmann::json::parse_error*>(&error);
    place.malformed(std::string_view(fmt::format("something else at byte {}", syntax ? syntax->byte : 0)),
                    "JSON");
  }
}

}  // namespace

std::string document_of(const char* what, nlohmann::ordered_json value) {
  nlohmann::ordered_json document;
  document["format"] = kFormat;
  document[what] = std::move(value);
  return document.dump(2) + "\n";
}

nlohmann::json value_in(std::string_view document, const char* what) {
  const JsonPlace place(what);
  nlohmann::json json = parsed(document, place);
  if (!json.is_object()) place.malformed(json, "an object");
  if (!json.contains("format") || json["format"] != kFormat)
    place["format"].malformed(json.value("format", nlohmann::json()), fmt::to_string(kFormat));
  if (!json.contains(what) || json.size() != 2)
    place.malformed(json, fmt::format("the keys \"format\" and \"{}\"", what));
  return std::move(json[what]);
}

}  // namespace gpupass
