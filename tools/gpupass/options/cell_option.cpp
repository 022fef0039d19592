// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/cell_option.hpp"

#include <fmt/format.h>

#include "gpupass/units.hpp"
#include "options/number_option.hpp"

namespace gpupass {

namespace {

constexpr unsigned kMostNodes = 65536;

std::optional<CellRequest> cell_from(std::string_view text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == text.npos || second == text.npos) return std::nullopt;
  const auto node = whole_number(text.substr(0, first), 0, kMostNodes - 1);
  const auto vcpus = whole_number(text.substr(first + 1, second - first - 1), 1, kMostVcpus);
  const auto memory = parse_size(text.substr(second + 1));
  if (!node || !vcpus || !memory || *memory == 0) return std::nullopt;
  return CellRequest{*node, *vcpus, *memory};
}

[[noreturn]] void refuse_other_sum(const std::string& option, const std::string& saw,
                                   const std::string& sum) {
  refuse_beside(option, "cell", fmt::format("saw {}, expected {}, the sum of the cells", saw, sum),
                "leave out --" + option);
}

}  // namespace

void split_as_asked(const Invocation& invocation, Request& request) {
  unsigned vcpus = 0;
  std::uint64_t memory = 0;
  for (const std::string& text : invocation.all("cell")) {
    const auto cell = cell_from(text);
    if (!cell) refuse_value(invocation, "cell", text, "NODE:VCPUS:SIZE such as 0:8:32G");
    if (cell->vcpus > kMostVcpus - vcpus || cell->memory_bytes > UINT64_MAX - memory)
      refuse_value(invocation, "cell", text, fmt::format("at most {} vCPUs and 16 EiB in all", kMostVcpus));
    vcpus += cell->vcpus;
    memory += cell->memory_bytes;
    request.cells.push_back(*cell);
  }
  if (request.cells.empty()) return;
  if (request.vcpus && *request.vcpus != vcpus)
    refuse_other_sum("vcpus", fmt::to_string(*request.vcpus), fmt::to_string(vcpus));
  if (request.memory_bytes && *request.memory_bytes != memory)
    refuse_other_sum("memory", format_size(*request.memory_bytes), format_size(memory));
  request.vcpus = vcpus;
  request.memory_bytes = memory;
}

}  // namespace gpupass
