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

std::uint16_t id_from(const std::string& text, const JsonPlace& place) {
  if (const auto id = parse_digits<std::uint16_t>(text, 4)) return *id;
  place.malformed(json(text), "four hexadecimal digits, as \"10de\"");
}

/// A person reads it, on a terminal.
void expect_line(const std::string& text, const JsonPlace& place) {
  constexpr std::size_t kMost = 300;
  if (text.empty() || text.size() > kMost || printable(text) != text)
    place.malformed(json(text), "a line of 1 to 300 characters");
}

void expect_known_keys(const json& row, const JsonPlace& place) {
  for (const auto& [key, value] : row.items())
    if (std::ranges::find(kKeys, key) == kKeys.end())
      place.malformed(json(key), "one of model, vendor, devices, effect, source, remedy, until");
}

ModelRow row_from(const json& row, const JsonPlace& place) {
  ModelRow result;
  std::string vendor, effect;
  std::vector<std::string> devices;
  JsonReader read(row, place);
  expect_known_keys(row, place);
  read("vendor", vendor);
  read("devices", devices);
  read("effect", effect);
  read("model", result.known.model);
  read("source", result.known.source);
  read("remedy", result.known.remedy, kAddedLater);
  read("until", result.until, kAddedLater);

  result.vendor = id_from(vendor, place["vendor"]);
  for (const std::string& device : devices) result.devices.push_back(id_from(device, place["devices"]));
  if (effect != "reset-fails" && effect != "none")
    place["effect"].malformed(json(effect), "\"reset-fails\" or \"none\"");
  result.reset_fails = effect == "reset-fails";
  expect_line(result.known.model, place["model"]);
  expect_line(result.known.source, place["source"]);
  if (row.contains("remedy")) expect_line(result.known.remedy, place["remedy"]);
  if (row.contains("until")) expect_line(result.until, place["until"]);
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
