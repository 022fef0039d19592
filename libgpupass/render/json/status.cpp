// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"

namespace gpupass {

std::string render_status_json(const Host& host, const Overview& overview, const NameLookup& names) {
  Json json = document(host);
  json["ready"] = to_string(overview.ready);
  Json gpus = Json::array();
  for (const Overview::Gpu& gpu : overview.gpus) {
    Json entry = list_entry(host, gpu.assessment, names);
    entry["next"] = gpu.next;
    gpus.push_back(std::move(entry));
  }
  json["gpus"] = std::move(gpus);
  json["needs"] = json_of(overview.needs);
  return dumped(json);
}

}  // namespace gpupass
