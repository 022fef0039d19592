// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "render/json/json.hpp"
#include "render/text/change.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

Json definition(const std::string& xml) {
  return json_or_null(redacted(xml));
}

Json json(const SetHome& change) {
  Json home = nullptr;
  if (change.home)
    home = {
        {"driver", json_or_null(change.home->state.driver)},
        {"driver_override", json_or_null(change.home->state.driver_override)},
        {"d3cold_allowed", change.home->d3cold_allowed ? Json(*change.home->d3cold_allowed) : Json(nullptr)},
        {"persistence", change.home->persistence ? Json(*change.home->persistence) : Json(nullptr)}};
  return {{"kind", "home"}, {"device", json_of(change.device)}, {"home", home}};
}

Json json(const SetDriver& change) {
  return {{"kind", "driver"},
          {"device", json_of(change.device)},
          {"driver", json_or_null(change.state.driver)},
          {"driver_override", json_or_null(change.state.driver_override)},
          {"kernel_chooses", change.kernel_chooses}};
}

Json json(const SetD3cold& change) {
  return {{"kind", "d3cold"}, {"device", json_of(change.device)}, {"allowed", change.allowed}};
}

Json json(const SetService& change) {
  return {{"kind", "service"}, {"unit", change.unit}, {"running", change.running}};
}

Json json(const SetPersistence& change) {
  return {{"kind", "persistence"}, {"device", json_of(change.device)}, {"on", change.on}};
}

Json json(const LoadModule& change) {
  return {{"kind", "module"}, {"module", change.module}};
}

Json json(const SetDomain& change) {
  return {{"kind", "domain"},
          {"domain", change.name},
          {"xml", change.xml ? definition(*change.xml) : Json(nullptr)}};
}

Json json(const SetMetadata& change) {
  return {{"kind", "metadata"}, {"domain", change.domain}, {"xml", json_or_null(change.xml)}};
}

Json json(const SetPower& change) {
  return {{"kind", "power"}, {"domain", change.domain}, {"running", change.running}};
}

Json json(const SetDevice& change) {
  return {{"kind", "device"},
          {"domain", change.domain},
          {"device", json_of(change.device)},
          {"scope", word(change.scope)},
          {"present", change.present},
          {"xml", definition(change.xml)},
          {"timeout_seconds", change.timeout_seconds}};
}

Json json(const SetBootBindings& change) {
  Json bindings = Json::array(), images = Json::array();
  for (const BootBinding& binding : change.bindings) {
    bindings.push_back({{"address", json_of(binding.address)}});
    bindings.back().update(json_of(binding));
  }
  for (const BootImage& image : change.images)
    images.push_back({{"kernel", image.kernel}, {"path", image.path}});
  return {{"kind", "boot"},
          {"bindings", std::move(bindings)},
          {"tool", word(change.tool)},
          {"images", std::move(images)}};
}

Json json(const Change& change) {
  return std::visit([](const auto& what) { return json(what); }, change);
}

}  // namespace

std::string render_plan_json(const Plan& plan) {
  Json assumes = Json::array();
  for (const Assumption& assumption : plan.assumes)
    assumes.push_back({{"kind", word(assumption.kind)},
                       {"subject", assumption.subject},
                       {"expected", assumption.expected}});
  Json steps = Json::array();
  for (const Step& step : plan.steps)
    steps.push_back({{"summary", step.summary},
                     {"reason", step.reason},
                     {"change", json(step.change)},
                     {"undo", step.undo ? json(*step.undo) : Json(nullptr)}});
  Json result = document();
  result["plan"] = {{"assumes", std::move(assumes)}, {"steps", std::move(steps)}, {"notes", plan.notes}};
  return dumped(result);
}

std::string render_report_json(const Report& report, const std::vector<std::string>& next) {
  Json steps = Json::array();
  for (const StepResult& step : report.steps)
    steps.push_back({{"summary", step.summary}, {"result", step.result}});
  Json result = document();
  result["report"] = {{"outcome", word(report.outcome)},
                      {"changed", report.changed},
                      {"steps", std::move(steps)},
                      {"next", next}};
  return dumped(result);
}

std::string render_domain_json(const std::string& name, const std::string& xml) {
  Json result = document();
  result["domain"] = name;
  result["xml"] = xml;
  return dumped(result);
}

std::string render_error_json(const Error& error) {
  Json result = document();
  result["error"] = {{"code", to_string(error.code())},
                     {"subject", error.subject()},
                     {"message", error.what()},
                     {"hint", json_or_null(error.hint())}};
  return dumped(result);
}

}  // namespace gpupass
