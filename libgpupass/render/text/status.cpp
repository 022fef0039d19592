// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gpupass/render.hpp"
#include "render/text/gpu_words.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

/// More rows than this are folded, so that all fits on one screen.
constexpr std::size_t kFewRows = 12;

TextCell ready_words(Answer ready) {
  const char* words = ready == Answer::Yes ? "ready" : ready == Answer::No ? "not ready" : "ready? not known";
  return {words, tone_of(ready)};
}

std::string gpus_words(const Overview& overview) {
  if (overview.gpus.empty()) return "this host has no GPU";
  std::size_t assignable = 0, assigned = 0;
  for (const Overview::Gpu& gpu : overview.gpus) {
    assignable += gpu.assessment.assignable == Answer::Yes ? 1 : 0;
    assigned += gpu.assessment.state == GpuState::Assigned ? 1 : 0;
  }
  std::string text =
      fmt::format("{} of {} can go to a guest", assignable, counted(overview.gpus.size(), "GPU"));
  if (assigned > 0) text += fmt::format(", {} in use by guests", assigned);
  return text;
}

std::string guests_words(const Host& host) {
  if (host.domains.absent()) return "no libvirt";
  if (!host.domains) return "guests unknown";
  const auto running = static_cast<std::size_t>(std::ranges::count_if(*host.domains, &Domain::active));
  return fmt::format("{}, {} running", counted(host.domains->size(), "guest"), running);
}

/// "free huge pages of 1 GiB: 512 on node 0, 512 on node 1"; empty without any.
std::string pages_words(const Host& host) {
  std::map<std::uint64_t, std::string> by_size;
  for (const NumaNode& node : host.numa_nodes.value_or({}))
    for (const HugePages& pages : node.huge_pages)
      if (pages.total > 0) {
        std::string& text = by_size[pages.page_size_bytes];
        text += fmt::format("{}{} on node {}", text.empty() ? "" : ", ", pages.free, node.id);
      }
  std::string text;
  for (const auto& [size, where] : by_size)
    text += fmt::format("{}free pages of {}: {}", text.empty() ? "" : "; ", rounded_size(size), where);
  return text;
}

/// The command with the short address, as short ones suffice.
std::string next_words(const Host& host, const Overview::Gpu& gpu) {
  const DeviceId device = gpu.assessment.device;
  return printable(renamed(gpu.next, device.to_string(), short_address(host, device)));
}

/// GPUs that look alike are one row if there are many.
Table table_of(const Host& host, const Overview& overview, const NameLookup& names, const View& view) {
  struct Row {
    std::vector<TextCell> cells;
    std::string likeness;
    std::size_t more = 0;
  };
  const bool fold = !view.verbose && overview.gpus.size() > kFewRows;
  std::vector<Row> rows;
  for (const Overview::Gpu& gpu : overview.gpus) {
    const PciFunction* function = find_function(host, gpu.assessment.device);
    const std::string name = function ? model_name(*function, names) : "?";
    const std::string node = function ? text_of(nearest_numa_node(host, *function)) : "?";
    const TextCell state = state_words(host, gpu.assessment);
    const std::string likeness = name + '\n' + node + '\n' + state.text;
    const auto alike = std::ranges::find(rows, likeness, &Row::likeness);
    if (fold && alike != rows.end())
      ++alike->more;
    else
      rows.push_back({{short_address(host, gpu.assessment.device),
                       name,
                       node,
                       state,
                       {next_words(host, gpu), Tone::Quiet}},
                      likeness});
  }
  Table table;
  table.add({"GPU", "NAME", "NODE", "STATE", "NEXT"});
  for (Row& row : rows) {
    if (row.more > 0) row.cells.front().text += fmt::format(" +{}", row.more);
    table.add(std::move(row.cells));
  }
  constexpr std::size_t kName = 1, kState = 3, kNext = 4;
  table.may_narrow(kName, 14);
  table.may_narrow(kState, 14);
  table.may_narrow(kNext, 4);
  return table;
}

}  // namespace

std::string render_status(const Host& host, const Overview& overview, const NameLookup& names,
                          const View& view) {
  const TextCell ready = ready_words(overview.ready);
  std::string text = toned(ready.text, ready.tone, view) + ": " + gpus_words(overview) + '\n';
  std::vector<std::string> facts = {iommu_words(host), guests_words(host)};
  if (const std::string pages = pages_words(host); !pages.empty()) facts.push_back(pages);
  text += wrapped(joined(facts, "; "), view, 2) + "\n\n";
  if (!overview.gpus.empty()) text += table_of(host, overview, names, view).to_string(view) + '\n';
  const std::size_t needs = overview.needs.size();
  if (needs > 0)
    text += fmt::format("{} {} you:\n", counted(needs, "thing"), needs == 1 ? "needs" : "need") +
            render_findings(overview.needs, view);
  else
    text += "nothing needs you\n";
  return text + "more: gpupass check\n";
}

}  // namespace gpupass
