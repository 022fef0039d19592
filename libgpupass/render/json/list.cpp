// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"
#include "render/text/words.hpp"
#include "values/own_switch.hpp"

namespace gpupass {

Json list_entry(const Host& host, const Assessment& gpu, const NameLookup& names) {
  static const PciFunction kUnseen;
  const PciFunction* found = find_function(host, gpu.device);
  const PciFunction& function = found ? *found : kUnseen;
  Json json = {{"address", json_of(gpu.device)}};
  json["kind"] = gpu.virtual_function ? "vf" : "physical";
  json["parent"] = json_of(function.physical_function);
  add_identity(json, function, names);
  json["uuid"] = json_of(function.uuid);
  json["serial"] = function.config ? json_of(function.config->serial) : Json(nullptr);
  json["memory_bytes"] = json_of(function.memory_bytes);
  json["driver"] = json_of(function.driver);
  json["iommu_group"] = json_of(function.iommu_group);
  json["numa_node"] = json_of(nearest_numa_node(host, function));
  json["link"] = json_of(at_slot(host, function).link);
  json["functions"] = json_of(gpu.functions);
  json["state"] = to_string(gpu.state);
  json["domain"] = json_or_null(gpu.domain);
  json["wanted_by"] = gpu.wanted_by;
  json["assignable"] = to_string(gpu.assignable);
  Json reasons = Json::array();
  for (const Finding& reason : gpu.reasons) reasons.push_back(reason.id);
  json["reasons"] = std::move(reasons);
  return json;
}

std::string render_list_json(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names) {
  Json json = document(host);
  Json entries = Json::array();
  for (const Assessment& gpu : gpus) entries.push_back(list_entry(host, gpu, names));
  json["gpus"] = std::move(entries);
  return dumped(json);
}

}  // namespace gpupass
