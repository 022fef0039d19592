// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/render.hpp"
#include "render/json/json.hpp"
#include "render/json/placement.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

std::size_t placed(const std::vector<Packed>& packed) {
  return static_cast<std::size_t>(
      std::ranges::count_if(packed, [](const Packed& one) { return one.host.has_value(); }));
}

std::string nodes_text(const Placement& placement) {
  CpuSet nodes;
  for (const Cell& cell : placement.cells) nodes.insert(cell.node);
  return (nodes.size() == 1 ? "node " : "nodes ") + nodes.to_string();
}

std::string cpus_text(const Placement& placement) {
  CpuSet cpus;
  for (const Cell& cell : placement.cells) cpus |= cell.cpus;
  return "CPUs " + cpus.to_string();
}

}  // namespace

std::string render_packing(const std::vector<std::string>& hosts, const std::vector<Request>& requests,
                           const std::vector<Packed>& packed) {
  Table table;
  for (std::size_t at = 0; at < packed.size(); ++at) {
    const Packed& one = packed[at];
    const std::string name = printable(requests[at].name);
    if (one.host)
      table.add({name, printable(hosts[*one.host]), nodes_text(one.placement),
                 addresses_text(one.placement.gpus), cpus_text(one.placement)});
    else
      table.add({name, "refused", one.refusal});
  }
  return table.to_string() +
         fmt::format("{} placed, {} refused\n", placed(packed), packed.size() - placed(packed));
}

std::string render_packing_json(const std::vector<std::string>& hosts, const std::vector<Request>& requests,
                                const std::vector<Packed>& packed) {
  Json json = document();
  json["placements"] = Json::array();
  for (std::size_t at = 0; at < packed.size(); ++at) {
    const Packed& one = packed[at];
    json["placements"].push_back({{"name", requests[at].name},
                                  {"host", one.host ? Json(hosts[*one.host]) : Json(nullptr)},
                                  {"placement", one.host ? json_of(one.placement) : Json(nullptr)},
                                  {"refusal", json_or_null(one.refusal)}});
  }
  json["summary"] = {{"placed", placed(packed)}, {"refused", packed.size() - placed(packed)}};
  return dumped(json);
}

}  // namespace gpupass
