// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/render.hpp"
#include "render/text/link.hpp"
#include "render/text/text.hpp"
#include "render/text/words.hpp"
#include "values/own_switch.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameColumn = 1;
constexpr std::size_t kNameAtLeast = 16;

using Row = std::vector<std::string>;

/// Its state, and the guest that has it or those that want it.
std::string state_of(const Assessment& gpu) {
  const std::string state = gpu.state == GpuState::Unknown ? "?" : std::string(to_string(gpu.state));
  if (!gpu.domain.empty()) return "in " + printable(gpu.domain);
  return gpu.wanted_by.empty() ? state : state + " for " + joined(gpu.wanted_by);
}

/// The answer, with the first reason where it is not yes.
std::string assignable(const Assessment& gpu) {
  const std::string text = gpu.assignable == Answer::Unknown ? "?" : std::string(to_string(gpu.assignable));
  if (gpu.assignable == Answer::Yes || gpu.reasons.empty()) return text;
  return text + ": " + printable(gpu.reasons.front().id);
}

/// The vendor is left out where the device has a name: it says little, and takes much of the line.
std::string short_name(const PciFunction& function, const NameLookup& names) {
  const bool known = function.vendor && function.device;
  const std::string name = known ? printable(names(*function.vendor, *function.device).device) : "";
  return name.empty() ? name_of(function, names) : name;
}

Row row_of(const Host& host, const Assessment& gpu, const NameLookup& names) {
  const PciFunction* function = find_function(host, gpu.device);
  if (!function) return {gpu.device.to_string(), "?", "?", "?", "?", "?", state_of(gpu), assignable(gpu)};
  return {gpu.device.to_string(),
          short_name(*function, names),
          text_of(function->driver),
          text_of(function->iommu_group),
          text_of(nearest_numa_node(host, *function)),
          link_now(at_slot(host, *function).link),
          state_of(gpu),
          assignable(gpu)};
}

/// Names get what the other columns leave of the line.
void shorten_names(std::vector<Row>& rows) {
  std::size_t others = 0;
  for (std::size_t column = 0; column < rows.front().size(); ++column) {
    if (column == kNameColumn) continue;
    std::size_t widest = 0;
    for (const Row& row : rows) widest = std::max(widest, width_of(row[column]));
    others += widest + 2;
  }
  const std::size_t room = others + kNameAtLeast < kColumns ? kColumns - others : kNameAtLeast;
  for (Row& row : rows) row[kNameColumn] = shortened(row[kNameColumn], room);
}

}  // namespace

std::string render_list(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names) {
  if (gpus.empty()) return "no GPU: no function of class 03xx (display) or 12xx (accelerator)\n";
  std::vector<Row> rows = {{"ADDRESS", "NAME", "DRIVER", "GROUP", "NODE", "LINK", "STATE", "ASSIGNABLE"}};
  for (const Assessment& gpu : gpus) rows.push_back(row_of(host, gpu, names));
  shorten_names(rows);
  Table table;
  for (Row& row : rows) table.add(std::move(row));
  return table.to_string();
}

}  // namespace gpupass
