// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/render.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "render/text/words.hpp"
#include "values/link.hpp"
#include "values/own_switch.hpp"

namespace gpupass {

namespace {

/// Its state, and the guest that has it or those that want it.
std::string state_of(const Assessment& gpu) {
  const std::string state = gpu.state == GpuState::Unknown ? "?" : std::string(to_string(gpu.state));
  if (!gpu.domain.empty()) return "in " + printable(gpu.domain);
  return gpu.wanted_by.empty() ? state : state + " for " + joined(gpu.wanted_by);
}

/// The answer, with the first reason where it is not yes. "gpu.boot-display" is brief as "boot-display".
TextCell assignable(const Assessment& gpu, bool brief) {
  std::string text = gpu.assignable == Answer::Unknown ? "?" : std::string(to_string(gpu.assignable));
  if (gpu.assignable != Answer::Yes && !gpu.reasons.empty()) {
    const std::string& id = gpu.reasons.front().id;
    text += ": " + (brief ? brief_id(id) : printable(id));
  }
  return {text, tone_of(gpu.assignable)};
}

std::vector<TextCell> row_of(const Host& host, const Assessment& gpu, const NameLookup& names, bool brief) {
  static const PciFunction kUnseen;
  const PciFunction* found = find_function(host, gpu.device);
  const PciFunction& function = found ? *found : kUnseen;
  return {short_address(host, gpu.device),
          model_name(function, names),
          text_of(function.driver),
          text_of(function.iommu_group),
          text_of(nearest_numa_node(host, function)),
          link_now_of_best(at_slot(host, function).link),
          {state_of(gpu), tone_of(gpu.state)},
          assignable(gpu, brief)};
}

/// @param first the columns before the address.
void let_narrow(Table& table, std::size_t first) {
  constexpr std::size_t kName = 1, kLink = 5, kState = 6, kAssignable = 7;
  table.may_narrow(first + kName, 14);
  table.may_narrow(first + kState, 12);
  table.may_narrow(first + kLink, 8);
  table.may_narrow(first + kName, 8);
  table.may_narrow(first + kAssignable, 10);
}

Table table_of(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names, bool brief) {
  Table table;
  table.add({"ADDRESS", "NAME", "DRIVER", "GROUP", "NODE", "LINK", "STATE", "ASSIGNABLE"});
  for (const Assessment& gpu : gpus) table.add(row_of(host, gpu, names, brief));
  let_narrow(table, 0);
  return table;
}

Table table_of(const std::vector<ListedHost>& hosts, const NameLookup& names, bool brief) {
  Table table;
  table.add({"HOST", "ADDRESS", "NAME", "DRIVER", "GROUP", "NODE", "LINK", "STATE", "ASSIGNABLE"});
  for (const ListedHost& one : hosts) {
    if (one.gpus.empty()) table.add({printable(one.name), "-", "no GPU", "-", "-", "-", "-", "-", "-"});
    for (const Assessment& gpu : one.gpus) {
      std::vector<TextCell> row = row_of(one.host, gpu, names, brief);
      row.emplace(row.begin(), printable(one.name));
      table.add(std::move(row));
    }
  }
  let_narrow(table, 1);
  return table;
}

/// In full where that fits.
template <typename Make>
std::string fitting(const Make& make, const View& view) {
  const Table whole = make(/*brief=*/false);
  const bool brief = view.columns > 0 && whole.width() > view.columns;
  return (brief ? make(/*brief=*/true) : whole).to_string(view);
}

}  // namespace

std::string render_list(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                        const View& view) {
  if (gpus.empty()) return "no GPU: no function of class 03xx (display) or 12xx (accelerator)\n";
  return fitting([&](bool brief) { return table_of(host, gpus, names, brief); }, view);
}

std::string render_list(const std::vector<ListedHost>& hosts, const NameLookup& names, const View& view) {
  return fitting([&](bool brief) { return table_of(hosts, names, brief); }, view);
}

}  // namespace gpupass
