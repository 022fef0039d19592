// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/document.hpp"
#include "gpupass/json.hpp"

namespace gpupass {

namespace {

/// Reads the alternative whose kind it is, beginning with the one at `Index`.
template <std::size_t Index = 0>
Change change_of_kind(const std::string& kind, JsonReader& reader, const JsonPlace& place) {
  if constexpr (Index == kChangeKinds.size()) {
    place.malformed(nlohmann::json(kind), fmt::format("one of {}", fmt::join(kChangeKinds, ", ")));
  } else {
    if (kind != kChangeKinds[Index]) return change_of_kind<Index + 1>(kind, reader, place);
    std::variant_alternative_t<Index, Change> change;
    fields(reader, change);
    return change;
  }
}

}  // namespace

Change change_from(const nlohmann::json& json, const JsonPlace& place) {
  JsonReader reader(json, place);
  std::string kind;
  reader("kind", kind);
  return change_of_kind(kind, reader, place["kind"]);
}

std::string to_json(const Plan& plan) {
  return json_document("plan", plan);
}
Plan plan_from_json(std::string_view text) {
  return from_json_document<Plan>("plan", text);
}

}  // namespace gpupass
