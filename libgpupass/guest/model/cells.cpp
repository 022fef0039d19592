// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "guest/model/libvirt_values.hpp"

namespace gpupass {

CpuSet first_vcpus(unsigned count) {
  return count == 0 ? CpuSet() : CpuSet::parse(fmt::format("0-{}", count - 1)).value_or(CpuSet{});
}

std::vector<GuestCell> cells_of(pugi::xml_node domain) {
  std::vector<GuestCell> cells;
  for (const pugi::xml_node cell : domain.child("cpu").child("numa").children("cell"))
    cells.push_back({cell.attribute("id").as_uint(static_cast<unsigned>(cells.size())),
                     set_from(cell.attribute("cpus").value()).value_or(CpuSet{}) & first_vcpus(kMostVcpus)});
  if (cells.empty())
    cells.push_back({0, first_vcpus(std::min(domain.child("vcpu").text().as_uint(), kMostVcpus))});
  return cells;
}

}  // namespace gpupass
