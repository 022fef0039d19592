// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/writer.hpp"
#include "render/json/json.hpp"
#include "render/text/topology_tree.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

Json branch_of(const TopologyBranch& branch, const NameLookup& names) {
  const PciFunction& function = *branch.function;
  Json json = {{"address", json_of(function.address)}};
  add_identity(json, function, names);
  json["driver"] = json_of(function.driver);
  json["link"] = json_of(function.link);
  Json below = Json::array();
  for (const TopologyBranch& child : branch.below) below.push_back(branch_of(child, names));
  json["below"] = std::move(below);
  return json;
}

/// "" for none, null where that is not known.
Json cpus_or_null(const Fact<CpuSet>& cpus) {
  return cpus || cpus.absent() ? Json(cpus.value_or({}).to_string()) : Json(nullptr);
}

Json node_of(const TopologyNode& node, const NameLookup& names) {
  Json json = {{"id", node.id ? Json(*node.id) : Json(nullptr)}, {"packages", node.packages}};
  json["cpus"] = node.node ? cpus_or_null(node.node->cpus) : Json(nullptr);
  json["memory_bytes"] = node.node ? json_of(node.node->memory_bytes) : Json(nullptr);
  json["free_bytes"] = node.node ? json_of(node.node->free_bytes) : Json(nullptr);
  json["huge_pages"] = node.node ? json_of_value(node.node->huge_pages) : Json::array();
  json["distances"] = node.node ? json_of(node.node->distances) : Json(nullptr);
  Json devices = Json::array();
  for (const TopologyBranch& branch : node.devices) devices.push_back(branch_of(branch, names));
  json["devices"] = std::move(devices);
  return json;
}

Json cpu_sets(const auto& parts) {
  Json json = Json::array();
  for (const auto& part : parts) json.push_back(part.cpus.to_string());
  return json;
}

Json cpus_of(const Host& host) {
  if (!host.cpus) return nullptr;
  return {{"online", host.cpus->cpus.to_string()},
          {"offline", cpus_or_null(host.offline_cpus)},
          {"isolated", cpus_or_null(host.isolated_cpus)},
          {"packages", json_of_value(host.cpus->packages)},
          {"last_level_caches", json_of_value(host.cpus->last_level_caches)},
          {"cores", cpu_sets(host.cpus->cores)}};
}

Json iommu_of(const Host& host) {
  if (!host.iommu) return nullptr;
  const Iommu& iommu = *host.iommu;
  return {{"units", iommu.units},
          {"firmware_tables", iommu.firmware_tables},
          {"interrupt_remapping", to_string(answer_of(iommu.interrupt_remapping))},
          {"kernel_options", iommu.kernel_options}};
}

Json domains_of(const Host& host) {
  if (!host.domains) return nullptr;
  Json json = Json::array();
  for (const Domain& domain : *host.domains)
    json.push_back(
        {{"name", domain.name}, {"active", domain.active}, {"pinned_cpus", domain.pinned_cpus.to_string()}});
  return json;
}

}  // namespace

std::string render_topology_json(const Host& host, const NameLookup& names) {
  Json json = document(host);
  json["cpus"] = cpus_of(host);
  json["iommu"] = iommu_of(host);
  json["domains"] = domains_of(host);
  Json nodes = Json::array();
  for (const TopologyNode& node : topology_of(host)) nodes.push_back(node_of(node, names));
  json["nodes"] = std::move(nodes);
  return dumped(json);
}

}  // namespace gpupass
