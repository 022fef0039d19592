// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"
#include "render/text/verdicts.hpp"

namespace gpupass {

namespace {

Json gpu_entry(const SeenGpu& gpu) {
  return {{"address", json_of(gpu.address)},    {"guest_address", json_of(gpu.in_guest)},
          {"vendor_id", hex_of(gpu.vendor, 4)}, {"device_id", hex_of(gpu.device, 4)},
          {"numa_node", json_of(gpu.node)},     {"link", json_of(gpu.link)},
          {"driver", json_of(gpu.driver)},      {"driver_version", json_of(gpu.driver_version)},
          {"to_gpu_gb_s", json_of(gpu.to_gpu)}, {"from_gpu_gb_s", json_of(gpu.from_gpu)}};
}

}  // namespace

std::string render_validation_json(const Host& host, const Baseline& seen,
                                   const std::vector<Finding>& findings) {
  Json result = document(host);
  result["domain"] = seen.domain;
  result["gpus"] = Json::array();
  for (const SeenGpu& gpu : seen.gpus) result["gpus"].push_back(gpu_entry(gpu));
  result["findings"] = json_of(findings);
  for (const Verdict verdict : kVerdicts)
    result["summary"][std::string(to_string(verdict))] = count_of(findings, verdict);
  return dumped(result);
}

}  // namespace gpupass
