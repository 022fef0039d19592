// SPDX-License-Identifier: LGPL-2.1-or-later
#include "change/json.hpp"
#include "render/json/json.hpp"
#include "render/text/report.hpp"
#include "render/text/words.hpp"

namespace gpupass {

std::string render_plan_json(const Plan& plan, const std::string& outlook,
                             const std::vector<Finding>& passed_over) {
  Json steps = Json::array();
  for (const Step& step : plan.steps)
    steps.push_back({{"summary", step.summary},
                     {"reason", step.reason},
                     {"change", shown(step.change)},
                     {"undo", step.undo ? shown(*step.undo) : Json(nullptr)}});
  Json result = document();
  result["plan"] = {{"assumes", json_of_value(plan.assumes)},
                    {"steps", std::move(steps)},
                    {"then", json_or_null(outlook)},
                    {"notes", plan.notes}};
  add_passed_over(result, passed_over);
  return dumped(result);
}

Json json_of(const Report& report) {
  Json steps = Json::array();
  for (const StepResult& step : report.steps)
    steps.push_back({{"summary", step.summary}, {"result", words_for(step)}});
  return {{"outcome", to_string(report.outcome)}, {"changed", report.changed}, {"steps", std::move(steps)}};
}

std::string render_report_json(const Report& report, const std::vector<std::string>& next,
                               const std::vector<Finding>& passed_over) {
  Json result = document();
  result["report"] = json_of(report);
  result["report"]["next"] = next;
  add_passed_over(result, passed_over);
  return dumped(result);
}

std::string render_domain_json(const Host& host, const std::string& name, const std::string& xml,
                               const std::vector<Finding>& passed_over) {
  Json result = document(host);
  add_passed_over(result, passed_over);
  result["domain"] = name;
  result["xml"] = xml;
  return dumped(result);
}

namespace {

/// A request that fits, in the words of the documents of place.
Json alternative(const Request& request) {
  return {{"gpus", request.gpus.empty() ? Json(request.gpu_count.value_or(0)) : Json(request.gpus)},
          {"vcpus", request.vcpus ? Json(*request.vcpus) : Json(nullptr)},
          {"memory_bytes", request.memory_bytes ? Json(*request.memory_bytes) : Json(nullptr)}};
}

}  // namespace

std::string render_error_json(const Error& error) {
  Json result = document();
  result["error"] = {{"code", to_string(error.code())},
                     {"subject", error.subject()},
                     {"message", error.what()},
                     {"hint", json_or_null(error.hint())}};
  if (!error.reasons().empty()) result["error"]["reasons"] = json_of(error.reasons());
  for (const Request& request : error.alternatives())
    result["error"]["alternatives"].push_back(alternative(request));
  return dumped(result);
}

}  // namespace gpupass
