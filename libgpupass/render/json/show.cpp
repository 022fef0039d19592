// SPDX-License-Identifier: LGPL-2.1-or-later
#include "change/json.hpp"
#include "codec/writer.hpp"
#include "render/json/json.hpp"
#include "render/text/words.hpp"
#include "values/link.hpp"

namespace gpupass {

namespace {

Json card_of(const Host& host, const Assessment& assessment, const NameLookup& names) {
  Json card = Json::array();
  for (const PciAddress address : assessment.functions) {
    const PciFunction* function = find_function(host, address);
    if (!function) continue;
    Json entry = {{"address", json_of(address)}};
    add_identity(entry, *function, names);
    entry["driver"] = json_of(function->driver);
    entry["driver_override"] = json_of(function->driver_override);
    card.push_back(std::move(entry));
  }
  return card;
}

Json path_of(const Host& host, const PciFunction& gpu) {
  Json path = Json::array();
  for (const PciFunction* bridge : path_to_root(host, gpu)) {
    const bool typed = bridge->config && bridge->config->express;
    path.push_back({{"address", json_of(bridge->address)},
                    {"type", typed ? Json(to_string(*bridge->config->express)) : Json(nullptr)},
                    {"link", json_of(bridge->link)}});
  }
  return path;
}

Json group_of(const Host& host, const Assessment& assessment, const PciFunction& gpu) {
  const IommuGroup* group = gpu.iommu_group ? find_group(host, *gpu.iommu_group) : nullptr;
  if (!group) return nullptr;
  return {{"id", group->id},
          {"type", json_of(group->type)},
          {"reserved_regions", group->reserved_regions},
          {"devices", json_of(host, assessment.group_members)}};
}

Json isolation_entry(const Isolation& isolation) {
  Json json = json_of(isolation);
  json["merged_by"] = json_of(isolation.merged_by);
  json["reachable"] = json_of(isolation.peers);
  json["why"] = json_or_null(isolation.why);
  return json;
}

Json holders_of(const Host& host, const PciFunction& gpu) {
  if (!host.holders) return nullptr;
  Json holders = Json::array();
  for (const Holder& holder : *host.holders)
    if (gpu.iommu_group && holder.iommu_group == *gpu.iommu_group)
      holders.push_back({{"pid", holder.pid}, {"command", holder.command}});
  return holders;
}

Json home_of(const Host& host, const PciFunction& gpu) {
  const Home* home = find_home(host, gpu.address);
  if (!home) return nullptr;
  return {{"driver", json_or_null(home->state.driver)},
          {"driver_override", json_or_null(home->state.driver_override)}};
}

Json boot_binding_of(const Host& host, const Assessment& assessment, const PciFunction& gpu) {
  const BootBinding* binding = find_boot_binding(host, gpu.address);
  if (!binding) return nullptr;
  Json json = shown(*binding);
  json["same_device"] = to_string(assessment.bound_at_boot.value_or(Answer::Unknown));
  return json;
}

void add_abilities(Json& json, const PciFunction& gpu) {
  json["bars"] = gpu.bars ? json_of_value(*gpu.bars) : Json(nullptr);
  json["reset_methods"] = json_of(gpu.reset_methods);
  json["power_state"] = json_of(gpu.power_state);
  json["boot_vga"] = to_string(answer_of(gpu.boot_vga));
  json["sriov"] = gpu.sriov ? json_of_value(*gpu.sriov) : Json(nullptr);
  json["virtual_functions"] = gpu.virtual_functions ? json_of(*gpu.virtual_functions) : Json(nullptr);
  json["mdev_types"] = json_of(gpu.mdev_types);
}

Json sheet_of(const Host& host, const Assessment& assessment, const NameLookup& names) {
  Json json = list_entry(host, assessment, names);
  const PciFunction* found = find_function(host, assessment.device);
  if (!found) return json;
  const PciFunction& gpu = *found;
  json["subsystem_vendor_id"] = hex_of(gpu.subsystem_vendor, 4);
  json["subsystem_device_id"] = hex_of(gpu.subsystem_device, 4);
  json["revision"] = hex_of(gpu.revision, 2);
  json["driver_override"] = json_of(gpu.driver_override);
  json["card"] = card_of(host, assessment, names);
  json["group"] = group_of(host, assessment, gpu);
  json["isolation"] = isolation_entry(assessment.isolation);
  json["path"] = path_of(host, gpu);
  json["path_link"] = json_of(path_link(host, gpu));
  add_abilities(json, gpu);
  json["holders"] = holders_of(host, gpu);
  json["home"] = home_of(host, gpu);
  json["boot_binding"] = boot_binding_of(host, assessment, gpu);
  json["findings"] = json_of(assessment.reasons);
  return json;
}

}  // namespace

std::string render_show_json(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                             const std::vector<Finding>& passed_over) {
  Json json = document(host);
  Json sheets = Json::array();
  for (const Assessment& gpu : gpus) sheets.push_back(sheet_of(host, gpu, names));
  json["gpus"] = std::move(sheets);
  add_passed_over(json, passed_over);
  return dumped(json);
}

}  // namespace gpupass
