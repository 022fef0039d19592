// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/guests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "policy/place/taken.hpp"

namespace gpupass {

namespace {

std::string kind_of(const Problem& problem) {
  std::string text = fmt::format("{} {} {} {} {}", problem.gpus, static_cast<int>(problem.numa),
                                 problem.guest_needs.vcpus, problem.guest_needs.memory.bytes,
                                 problem.guest_needs.memory.page_size_bytes.value_or(std::uint64_t{1}));
  for (const CellRequest& cell : problem.guest_needs.cells)
    text += fmt::format(" {}:{}:{}", cell.node, cell.vcpus, cell.memory_bytes);
  return text;
}

/// The same number for equal texts.
class Numbers {
 public:
  std::size_t of(const std::string& text) { return known_.emplace(text, known_.size()).first->second; }

 private:
  std::map<std::string, std::size_t> known_;
};

/// A host on which nobody is yet.
struct EmptyHost {
  const FreeResources& resources;
  std::vector<Spare> spare;
};

void look_where_it_fits(const std::vector<EmptyHost>& hosts, Guest& guest) {
  const bool has_cells = !guest.problem.guest_needs.cells.empty();
  const auto on_one = [&](const Spare& node) { return !has_cells && holds(node, guest.needs); };
  guest.wide = std::ranges::none_of(
      hosts, [&](const EmptyHost& host) { return std::ranges::any_of(host.spare, on_one); });
  guest.possible = !guest.wide || std::ranges::any_of(hosts, [&](const EmptyHost& host) {
    return may_hold(host.resources, host.spare, guest.problem);
  });
}

}  // namespace

std::vector<std::size_t> shapes_of(const std::vector<FreeResources>& hosts) {
  Numbers numbers;
  std::vector<std::size_t> shapes;
  for (const FreeResources& host : hosts) shapes.push_back(numbers.of(shape_of(host)));
  return shapes;
}

std::vector<Guest> guests_of(const std::vector<Problem>& problems, const std::vector<FreeResources>& hosts,
                             const std::vector<std::size_t>& shapes) {
  std::vector<EmptyHost> unlike;
  for (std::size_t host = 0; host < hosts.size(); ++host)
    if (shapes[host] == unlike.size()) unlike.push_back({hosts[host], spare_of(hosts[host])});
  Numbers kinds;
  std::vector<Guest> guests;
  for (const Problem& problem : problems) {
    Guest& guest = guests.emplace_back(Guest{problem, needs_of(problem), kinds.of(kind_of(problem))});
    look_where_it_fits(unlike, guest);
  }
  return guests;
}

}  // namespace gpupass
