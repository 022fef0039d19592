// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/placement.hpp"

#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"

namespace gpupass {

std::string render_placement(const Host& host, const Placement& placement, const NameLookup& names,
                             const View& view) {
  Table table;
  const auto add = [&](const char* what, DeviceId device) {
    const PciFunction* function = function_behind(host, device);
    const std::string node = function ? text_of(nearest_numa_node(host, *function)) : "?";
    table.add(
        {what, short_address(host, device), "node " + node, function ? model_name(*function, names) : "?"});
  };
  for (const DeviceId gpu : placement.gpus) add("GPU", gpu);
  for (const DeviceId device : placement.devices) {
    const PciFunction* function = find_function(host, device);
    add(device.is_mediated() || (function && is_gpu(*function)) ? "slice" : "device", device);
  }
  for (const Cell& cell : placement.cells)
    table.add({"cell", fmt::format("node {}", cell.node), "CPUs " + cell.cpus.to_string(),
               fmt::format("{} in pages of {}", rounded_size(cell.memory_bytes),
                           rounded_size(cell.page_size_bytes))});
  if (view.verbose)
    for (const VcpuPin& pin : placement.vcpu_pins)
      table.add({"vCPU", fmt::to_string(pin.vcpu), "on CPU " + pin.cpus.to_string()});
  if (!placement.emulator_cpus.empty())
    table.add({"emulator", "", "on CPUs " + placement.emulator_cpus.to_string()});
  std::string text = table.to_string(view);
  if (!placement.reasons.empty()) text += "because\n";
  for (const std::string& reason : placement.reasons) text += indented(reason, 2, view);
  return text;
}

namespace {

Json json_of_gap(const Gap& gap) {
  return {{"gpu_nodes", gap.gpu_nodes},
          {"least_gpu_nodes", gap.least_gpu_nodes},
          {"gpu_distance", gap.gpu_distance},
          {"least_gpu_distance", gap.least_gpu_distance}};
}

}  // namespace

Json json_of(const Placement& placement) {
  Json cells = Json::array();
  for (const Cell& cell : placement.cells)
    cells.push_back({{"node", cell.node},
                     {"cpus", cell.cpus.to_string()},
                     {"memory_bytes", cell.memory_bytes},
                     {"page_size_bytes", cell.page_size_bytes}});
  Json pins = Json::array();
  for (const VcpuPin& pin : placement.vcpu_pins)
    pins.push_back({{"vcpu", pin.vcpu}, {"cpus", pin.cpus.to_string()}});
  return {{"gpus", json_of(placement.gpus)},
          {"devices", json_of(placement.devices)},
          {"cells", std::move(cells)},
          {"vcpu_pins", std::move(pins)},
          {"threads_per_core", placement.threads_per_core},
          {"emulator_cpus", placement.emulator_cpus.to_string()},
          {"reasons", placement.reasons},
          {"proven", !placement.gap},
          {"gap", placement.gap ? json_of_gap(*placement.gap) : Json(nullptr)}};
}

std::string render_placement_json(const Host& host, const Placement& placement,
                                  const std::vector<Finding>& passed_over) {
  Json json = document(host);
  json["placement"] = json_of(placement);
  add_passed_over(json, passed_over);
  return dumped(json);
}

}  // namespace gpupass
