// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/way_labels.hpp"

#include <fmt/format.h>

#include <map>

namespace gpupass {

namespace {

const char* word_of(WayMatrix::Kind kind) {
  switch (kind) {
    case WayMatrix::Kind::Gpu:
      return "GPU";
    case WayMatrix::Kind::Network:
      return "NIC";
    case WayMatrix::Kind::Nvme:
      return "NVMe";
  }
  return "?";
}

}  // namespace

std::vector<std::string> way_labels(const WayMatrix& matrix) {
  std::map<WayMatrix::Kind, unsigned> next;
  std::vector<std::string> labels;
  for (const WayMatrix::Device& device : matrix.devices)
    labels.push_back(fmt::format("{}{}", word_of(device.kind), next[device.kind]++));
  return labels;
}

}  // namespace gpupass
