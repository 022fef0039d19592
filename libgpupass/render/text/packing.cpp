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

std::size_t placed(const Packing& packing) {
  return static_cast<std::size_t>(
      std::ranges::count_if(packing.guests, [](const Packed& one) { return one.host.has_value(); }));
}

std::size_t refused(const Packing& packing) {
  return packing.guests.size() - placed(packing);
}

std::uint64_t gpus_asked(const std::vector<Request>& requests) {
  std::uint64_t gpus = 0;
  for (const Request& request : requests) gpus += request.gpu_count.value_or(1);
  return gpus;
}

/// "4 placed, 1 refused; 7 of 8 GPUs: no packing gives more".
std::string summary(const std::vector<Request>& requests, const Packing& packing) {
  std::string text = fmt::format("{} placed, {} refused", placed(packing), refused(packing));
  if (refused(packing) == 0) return text + "\n";
  text += fmt::format("; {} of {} GPUs: no packing gives more", packing.gpus, gpus_asked(requests));
  if (packing.gpus < packing.most_gpus) text += fmt::format(" than {}", packing.most_gpus);
  return text + "\n";
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
                           const Packing& packing) {
  Table table;
  for (std::size_t at = 0; at < packing.guests.size(); ++at) {
    const Packed& one = packing.guests[at];
    const std::string name = printable(requests[at].name);
    if (one.host)
      table.add({name, printable(hosts[*one.host]), nodes_text(one.placement),
                 addresses_text(one.placement.gpus), cpus_text(one.placement)});
    else
      table.add({name, "refused", one.refusal});
  }
  return table.to_string() + summary(requests, packing);
}

std::string render_packing_json(const std::vector<std::string>& hosts, const std::vector<Request>& requests,
                                const Packing& packing) {
  Json json = document();
  json["placements"] = Json::array();
  for (std::size_t at = 0; at < packing.guests.size(); ++at) {
    const Packed& one = packing.guests[at];
    json["placements"].push_back({{"name", requests[at].name},
                                  {"host", one.host ? Json(hosts[*one.host]) : Json(nullptr)},
                                  {"placement", one.host ? json_of(one.placement) : Json(nullptr)},
                                  {"refusal", json_or_null(one.refusal)}});
  }
  json["summary"] = {{"placed", placed(packing)},
                     {"refused", refused(packing)},
                     {"guests_at_most", packing.most_guests},
                     {"gpus_asked", gpus_asked(requests)},
                     {"gpus_given", packing.gpus},
                     {"gpus_at_most", packing.most_gpus},
                     {"proven", packing.gpus == packing.most_gpus}};
  return dumped(json);
}

}  // namespace gpupass
