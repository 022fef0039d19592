// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

Json type_entry(const SliceType& type) {
  Json json = {{"kind", to_string(type.kind)},
               {"type", json_or_null(type.type)},
               {"name", json_of(type.name)},
               {"description", json_of(type.description)},
               {"device_api", json_of(type.device_api)},
               {"existing", json_of(type.existing)}};
  json["capacity"] = nullptr;
  if (type.capacity) json["capacity"] = {{"least", type.capacity->least}, {"most", type.capacity->most}};
  return json;
}

Json slice_entry(const Slice& slice) {
  return {{"kind", to_string(slice.kind)},
          {"device", json_of(slice.device)},
          {"parent", json_of(slice.parent)},
          {"type", json_or_null(slice.type)},
          {"driver", json_of(slice.driver)},
          {"iommu_group", json_of(slice.iommu_group)},
          {"state", slice.state ? Json(to_string(*slice.state)) : Json(nullptr)},
          {"in_use", to_string(slice.in_use)},
          {"domain", json_or_null(slice.domain)},
          {"wanted_by", slice.wanted_by},
          {"at_boot", json_of(slice.at_boot)}};
}

Json compute_entry(const MigComputeInstance& instance) {
  return {{"id", instance.id},
          {"profile_id", instance.profile_id},
          {"start", instance.span.start},
          {"size", instance.span.size},
          {"uuid", json_of(instance.uuid)},
          {"processes", json_of(instance.processes)}};
}

Json mig_slice_entry(const MigSlice& slice) {
  const MigGpuInstance& instance = slice.instance;
  Json json = {{"profile", slice.profile},   {"profile_id", instance.profile_id},
               {"start", instance.start},    {"size", instance.size},
               {"id", json_of(instance.id)}, {"in_use", to_string(slice.in_use)},
               {"compute", nullptr}};
  if (!instance.compute) return json;
  json["compute"] = Json::array();
  for (const MigComputeInstance& each : *instance.compute) json["compute"].push_back(compute_entry(each));
  return json;
}

/// null: as with sriov_entry().
Json mig_entry(const SliceAssessment& gpu) {
  if (!gpu.mig) return nullptr;
  Json json = {{"enabled", gpu.mig->enabled}, {"pending", gpu.mig->pending}, {"instances", Json::array()}};
  for (const MigSlice& slice : gpu.mig->instances) json["instances"].push_back(mig_slice_entry(slice));
  return json;
}

/// null: it has none, or that is not known, which "unknown" tells.
Json sriov_entry(const SliceAssessment& gpu) {
  if (!gpu.sriov) return nullptr;
  return {{"total_vfs", gpu.sriov->total_vfs},
          {"vfs", gpu.sriov->vfs},
          {"drivers_autoprobe", json_of(gpu.drivers_autoprobe)},
          {"sriov_admin", to_string(answer_of(gpu.sriov_admin))}};
}

Json gpu_entry(const Host& host, const SliceAssessment& gpu, const NameLookup& names) {
  static const PciFunction kUnseen;
  const PciFunction* found = find_function(host, gpu.gpu);
  const PciFunction& function = found ? *found : kUnseen;
  Json json = {{"address", json_of(gpu.gpu)}};
  add_identity(json, function, names);
  json["driver"] = json_of(function.driver);
  json["sriov"] = sriov_entry(gpu);
  json["types"] = Json::array();
  for (const SliceType& type : gpu.types) json["types"].push_back(type_entry(type));
  json["slices"] = Json::array();
  for (const Slice& slice : gpu.slices) json["slices"].push_back(slice_entry(slice));
  json["mig"] = mig_entry(gpu);
  json["how"] = json_or_null(gpu.how);
  json["unknown"] = gpu.unknown;
  return json;
}

}  // namespace

std::string render_slices_json(const Host& host, const std::vector<SliceAssessment>& gpus,
                               const NameLookup& names, const std::vector<Finding>& passed_over) {
  Json json = document(host);
  Json entries = Json::array();
  for (const SliceAssessment& gpu : gpus) entries.push_back(gpu_entry(host, gpu, names));
  json["gpus"] = std::move(entries);
  add_passed_over(json, passed_over);
  return dumped(json);
}

}  // namespace gpupass
