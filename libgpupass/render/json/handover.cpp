// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/handover.hpp"

#include <algorithm>

#include "render/json/json.hpp"

namespace gpupass {

namespace {

Json known(Answer answer) {
  return answer == Answer::Unknown ? Json(nullptr) : Json(answer == Answer::Yes);
}

bool was_reset(const Handover& handover) {
  return std::ranges::any_of(handover.findings, [](const Finding& finding) {
    return finding.id == "handover.reset" && finding.verdict == Verdict::Pass;
  });
}

Json transitions(const Handover& handover) {
  Json all = Json::array({"in_use", "returned"});
  if (was_reset(handover)) all.push_back("reset");
  all.push_back("checked");
  all.push_back(handover.proven == Answer::Yes ? "available" : "quarantined");
  return all;
}

/// In the fields by which clouds are audited between tenants. "sanitizing" is for what overwrites memory:
/// a reset is none, and is not called so.
Json machine_entry(const Handover& handover) {
  const bool free = handover.proven == Answer::Yes;
  return {{"machine_id", handover.gpu.to_string()},
          {"status", free ? "available" : "quarantined"},
          {"available", free},
          {"in_use", false},
          {"has_gpu", true},
          {"served_tenant", true},
          {"sanitized", false},
          {"stale_tenant_binding", known(handover.former_tenant_bound)},
          {"transitions", transitions(handover)},
          {"breakfix_skip_observed", false},
          {"tenancy_preserved", false}};
}

}  // namespace

std::string render_handover_json(const Host& host, const Handover& handover) {
  Json json = document(host);
  json["success"] = !handover.findings.empty();  // The verdict is another matter.
  json["platform"] = "gpupass";
  json["machines_checked"] = 1;
  json["machines"] = Json::array({machine_entry(handover)});
  json["handover"] = {{"gpu", json_of(handover.gpu)},
                      {"functions", json_of(handover.functions)},
                      {"proven", to_string(handover.proven)},
                      {"findings", json_of(handover.findings)}};
  json["report"] = json_of(handover.report);
  return dumped(json);
}

}  // namespace gpupass
