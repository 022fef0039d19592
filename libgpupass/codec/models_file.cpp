// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/models_file.hpp"

#include <algorithm>
#include <array>

#include "codec/document.hpp"
#include "gpupass/render.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> kKeys = {"model",  "vendor", "devices", "effect",
                                                   "source", "remedy", "until"};

std::uint16_t id_from(const json& value, const JsonPlace& place) {
  if (value.is_string()) {
    if (const auto id = parse_digits<std::uint16_t>(value.get_ref<const std::string&>(), 4)) return *id;
  }
  place.malformed(value, "four hexadecimal digits, as \"10de\"");
}

const json& member(const json& row, const char* key, const JsonPlace& place) {
  const auto found = row.find(key);
  if (found == row.end()) place[key].malformed(std::string_view("nothing"), "a value");
  return *found;
}

/// A person reads it, on a terminal.
std::string text_member(const json& row, const char* key, const JsonPlace& place) {
  constexpr std::size_t kMost = 300;
  const json& value = member(row, key, place);
  const std::string text = text_from(value, place[key]);
  if (text.empty() || text.size() > kMost || printable(text) != text)
    place[key].malformed(value, "a line of 1 to 300 characters");
  return text;
}

ModelRow row_from(const json& row, const JsonPlace& place) {
  if (!row.is_object()) place.malformed(row, "an object");
  for (const auto& [key, value] : row.items())
    if (std::ranges::find(kKeys, key) == kKeys.end())
      place.malformed(json(key), "one of model, vendor, devices, effect, source, remedy, until");
  ModelRow result;
  result.vendor = id_from(member(row, "vendor", place), place["vendor"]);
  const json& devices = member(row, "devices", place);
  if (!devices.is_array()) place["devices"].malformed(devices, "an array of ids");
  for (const json& device : devices) result.devices.push_back(id_from(device, place["devices"]));
  const std::string effect = text_member(row, "effect", place);
  if (effect != "reset-fails" && effect != "none")
    place["effect"].malformed(member(row, "effect", place), "\"reset-fails\" or \"none\"");
  result.reset_fails = effect == "reset-fails";
  result.known.model = text_member(row, "model", place);
  result.known.source = text_member(row, "source", place);
  if (row.contains("remedy")) result.known.remedy = text_member(row, "remedy", place);
  if (row.contains("until")) result.until = text_member(row, "until", place);
  return result;
}

}  // namespace

std::vector<ModelRow> parse_models(std::string_view text) {
  const JsonPlace place("models");
  const json models = value_in(text, "models", OtherKeys::Refused);
  if (!models.is_array()) place.malformed(models, "an array");
  std::vector<ModelRow> rows;
  for (std::size_t at = 0; at < models.size(); ++at) rows.push_back(row_from(models[at], place[at]));
  return rows;
}

}  // namespace gpupass
