// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/svg/machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "values/card.hpp"
#include "values/switch_port.hpp"

namespace gpupass {

namespace {

/// The element for a device; nullptr: there is none.
template <typename Elements, typename Projection>
auto* element_for(const Elements& elements, Projection projection, PciAddress address) {
  const auto found = std::ranges::find(elements, address, projection);
  return found == elements.end() ? nullptr : &*found;
}

class Machine {
 public:
  Machine(const Host& host, const Picture& picture) : host_(host), picture_(picture) {}

  std::vector<Part> parts_of(const std::vector<TopologyBranch>& branches) const {
    std::vector<Part> parts;
    for (const TopologyBranch& branch : branches) add(branch, parts);
    return parts;
  }

 private:
  void add(const TopologyBranch& branch, std::vector<Part>& parts) const {
    const PciFunction& function = *branch.function;
    const Assessment* gpu = gpu_at(function.address);
    if (is_virtual(function) && !(gpu && !gpu->domain.empty())) return;
    std::vector<Part> below = parts_of(branch.below);
    if (is_downstream_port(function)) {  // The ports of a switch are one box.
      std::ranges::move(below, std::back_inserter(parts));
      return;
    }
    const Part::Kind kind = kind_of(function);
    const bool device = kind == Part::Kind::Gpu || kind == Part::Kind::Device;
    if (device || !below.empty())
      parts.push_back({kind, &function, gpu, link_to(function.address), std::move(below)});
  }

  Part::Kind kind_of(const PciFunction& function) const {
    if (is_gpu(function)) return Part::Kind::Gpu;
    if (!function.class_code || !is_bridge_class(*function.class_code)) return Part::Kind::Device;
    if (is_upstream_port(host_, function)) return Part::Kind::Switch;
    return function.parent.absent() && !function.link.absent() ? Part::Kind::Port : Part::Kind::Bridge;
  }

  bool is_downstream_port(const PciFunction& function) const {
    const PciFunction* parent = function.parent ? find_function(host_, *function.parent) : nullptr;
    return function.class_code && is_bridge_class(*function.class_code) && parent &&
           is_upstream_port(host_, *parent);
  }

  const Assessment* gpu_at(PciAddress address) const {
    return element_for(
        picture_.gpus, [](const Assessment& gpu) { return gpu.device.function().value_or(PciAddress{}); },
        address);
  }

  const LinkAssessment* link_to(PciAddress address) const {
    return element_for(picture_.links, &LinkAssessment::address, address);
  }

  const Host& host_;
  const Picture& picture_;
};

std::string title_of(const std::vector<unsigned>& packages) {
  if (packages.empty()) return {};
  return fmt::format("package{} {}", packages.size() == 1 ? "" : "s", fmt::join(packages, ", "));
}

}  // namespace

std::vector<PackageFrame> frames_of(const Host& host, const Picture& picture) {
  const Machine machine(host, picture);
  std::vector<PackageFrame> frames;
  for (const TopologyNode& node : topology_of(host)) {
    const std::string title = title_of(node.packages);
    if (frames.empty() || frames.back().title != title) frames.push_back({title, {}});
    frames.back().nodes.push_back({node, machine.parts_of(node.devices)});
  }
  return frames;
}

}  // namespace gpupass
