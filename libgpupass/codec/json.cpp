// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/json.hpp"

#include "codec/document.hpp"

namespace gpupass {

std::string to_json(const Host& host) {
  return json_document("host", host);
}
Host host_from_json(std::string_view text) {
  return from_json_document<Host>("host", text);
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

std::string to_json(const Event& event) {
  return json_document("event", event);
}
Event event_from_json(std::string_view text) {
  return from_json_document<Event>("event", text);
}

std::string to_json(const GuestFacts& guest) {
  return json_document("guest", guest);
}
GuestFacts guest_facts_from_json(std::string_view text) {
  return from_json_document<GuestFacts>("guest", text);
}

std::string to_json(const Baseline& baseline) {
  return json_document("baseline", baseline);
}
Baseline baseline_from_json(std::string_view text) {
  return from_json_document<Baseline>("baseline", text);
}

}  // namespace gpupass
