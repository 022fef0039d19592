// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "gpupass/render.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "render/text/way_labels.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

constexpr std::pair<Way, const char*> kMeanings[] = {
    {Way::Itself, "the device itself"},
    {Way::Xgmi, "linked directly by xGMI"},
    {Way::OneSwitch, "through one PCI Express switch at most"},
    {Way::Switches, "through several switches, but no host bridge"},
    {Way::HostBridge, "through one host bridge of a CPU"},
    {Way::Node, "through several host bridges of one NUMA node"},
    {Way::Nodes, "between NUMA nodes"},
    {Way::Unknown, "not known"},
};

/// A heading and its cells, one for each row.
struct Column {
  std::string heading;
  std::vector<std::string> cells;
};

/// How many devices are shown: NVMe drives are last.
std::size_t shown_of(const WayMatrix& matrix, const View& view) {
  if (view.verbose) return matrix.devices.size();
  return static_cast<std::size_t>(std::ranges::count_if(
      matrix.devices, [](const WayMatrix::Device& device) { return device.kind != WayMatrix::Kind::Nvme; }));
}

std::string affinity_text(const Fact<CpuSet>& cpus) {
  if (cpus) return cpus->empty() ? "-" : cpus->to_string();
  return cpus.absent() ? "-" : "?";
}

std::vector<Column> columns_of(const WayMatrix& matrix, std::size_t shown) {
  const std::vector<std::string> labels = way_labels(matrix);
  std::vector<Column> columns;
  for (std::size_t at = 0; at < shown; ++at) {
    Column& column = columns.emplace_back(Column{labels[at], {}});
    for (std::size_t row = 0; row < shown; ++row) column.cells.emplace_back(to_string(matrix.ways[row][at]));
  }
  Column cpus{"CPU AFFINITY", {}}, nodes{"NUMA AFFINITY", {}};
  for (std::size_t row = 0; row < shown; ++row) {
    cpus.cells.push_back(affinity_text(matrix.devices[row].cpus));
    nodes.cells.push_back(text_of(matrix.devices[row].node));
  }
  columns.push_back(std::move(cpus));
  columns.push_back(std::move(nodes));
  return columns;
}

/// Those of the columns from `begin` to before `end`, behind the names of the rows.
Table part_of(const Host& host, const WayMatrix& matrix, const std::vector<Column>& columns,
              std::size_t begin, std::size_t end) {
  const std::vector<std::string> labels = way_labels(matrix);
  Table table;
  std::vector<TextCell> headings = {"", ""};
  for (std::size_t at = begin; at < end; ++at) headings.emplace_back(columns[at].heading);
  table.add(std::move(headings));
  for (std::size_t row = 0; row < columns.front().cells.size(); ++row) {
    std::vector<TextCell> cells = {labels[row], short_address(host, matrix.devices[row].address)};
    for (std::size_t at = begin; at < end; ++at) cells.emplace_back(columns[at].cells[row]);
    table.add(std::move(cells));
  }
  return table;
}

/// What the words mean that the matrix has.
std::string legend_of(const Host& host, const WayMatrix& matrix, std::size_t shown, const View& view) {
  std::set<Way> ways;
  for (std::size_t row = 0; row < shown; ++row)
    ways.insert(matrix.ways[row].begin(), matrix.ways[row].begin() + static_cast<std::ptrdiff_t>(shown));
  Table table;
  for (const auto& [way, meaning] : kMeanings)
    if (ways.contains(way)) table.add({to_string(way), meaning});
  std::string text = table.to_string(view);
  if (std::ranges::any_of(host.functions, is_nvswitch))
    text += wrapped("This host has NVSwitches. What NVLink connects is not shown.", view, 0) + '\n';
  return text;
}

}  // namespace

std::string render_matrix(const Host& host, const WayMatrix& matrix, const View& view) {
  const std::size_t shown = shown_of(matrix, view);
  if (shown == 0) return "no GPU on PCI Express, and no network card\n";
  const std::vector<Column> columns = columns_of(matrix, shown);
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    end = columns.size();
    while (view.columns > 0 && end > begin + 1 &&
           part_of(host, matrix, columns, begin, end).width() > view.columns)
      --end;
    text += part_of(host, matrix, columns, begin, end).to_string(view) + '\n';
  }
  return text + legend_of(host, matrix, shown, view);
}

}  // namespace gpupass
