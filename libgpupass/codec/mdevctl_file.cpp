// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/mdevctl_file.hpp"

#include "codec/document.hpp"
#include "values/mediated.hpp"

namespace gpupass {

MediatedDefinition parse_mdevctl_file(std::string_view text) {
  const JsonPlace place("mdevctl's file");
  const auto json = json_in(text, place);
  if (!json || !json->is_object()) place.malformed(std::string_view("other text"), "a JSON object");
  MediatedDefinition definition;
  std::string start = "manual";
  JsonReader read(*json, place);
  read("mdev_type", definition.type);
  read("start", start, kAddedLater);
  if (!is_mediated_type(definition.type))
    place["mdev_type"].malformed(nlohmann::json(definition.type), "the name of a type");
  definition.at_boot = start == "auto";
  const auto attributes = json->find("attrs");
  definition.attributes = attributes != json->end() && !attributes->empty();
  return definition;
}

}  // namespace gpupass
