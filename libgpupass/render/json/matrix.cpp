// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"
#include "render/text/way_labels.hpp"

namespace gpupass {

std::string render_matrix_json(const Host& host, const WayMatrix& matrix, const NameLookup& names) {
  const std::vector<std::string> labels = way_labels(matrix);
  Json json = document(host);
  Json devices = Json::array();
  for (std::size_t at = 0; at < matrix.devices.size(); ++at) {
    const WayMatrix::Device& device = matrix.devices[at];
    Json entry = {
        {"label", labels[at]}, {"kind", to_string(device.kind)}, {"address", json_of(device.address)}};
    if (const PciFunction* function = find_function(host, device.address))
      add_identity(entry, *function, names);
    entry["cpus"] = device.cpus ? Json(device.cpus->to_string()) : Json(nullptr);
    entry["numa_node"] = json_of(device.node);
    Json ways = Json::array();
    for (const Way way : matrix.ways[at]) ways.push_back(to_string(way));
    entry["ways"] = std::move(ways);
    devices.push_back(std::move(entry));
  }
  json["devices"] = std::move(devices);
  return dumped(json);
}

}  // namespace gpupass
