// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/json.hpp"

#include "codec/document.hpp"

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

std::string to_json(const Host& host) {
  return json_document("host", host);
}
Host host_from_json(std::string_view text) {
  return from_json_document<Host>("host", text);
}

std::string to_json(const Plan& plan) {
  return json_document("plan", plan);
}
Plan plan_from_json(std::string_view text) {
  return from_json_document<Plan>("plan", text);
}

std::string to_json(const Placement& placement) {
  return json_document("placement", placement);
}
Placement placement_from_json(std::string_view text) {
  return from_json_document<Placement>("placement", text);
}

std::string to_json(const Request& request) {
  return json_document("request", request);
}
Request request_from_json(std::string_view text) {
  return from_json_document<Request>("request", text);
}

std::string to_json(const Finding& finding) {
  return json_document("finding", finding);
}
Finding finding_from_json(std::string_view text) {
  return from_json_document<Finding>("finding", text);
}

std::string to_json(const Selection& selection) {
  return json_document("selection", selection);
}
Selection selection_from_json(std::string_view text) {
  return from_json_document<Selection>("selection", text);
}

std::string to_json(const Assessment& assessment) {
  return json_document("assessment", assessment);
}
Assessment assessment_from_json(std::string_view text) {
  return from_json_document<Assessment>("assessment", text);
}

std::string to_json(const Report& report) {
  return json_document("report", report);
}
Report report_from_json(std::string_view text) {
  return from_json_document<Report>("report", text);
}

std::string to_json(const Operation& operation) {
  return json_document("operation", operation);
}
Operation operation_from_json(std::string_view text) {
  return from_json_document<Operation>("operation", text);
}

}  // namespace gpupass
