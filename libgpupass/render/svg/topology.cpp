// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpupass/render.hpp"
#include "render/svg/drawing.hpp"
#include "render/svg/machine.hpp"
#include "render/svg/part_box.hpp"
#include "render/text/gpu_words.hpp"
#include "render/text/names.hpp"
#include "render/text/node_words.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

constexpr int kMargin = 12;   ///< Between a frame and what is in it.
constexpr int kHeading = 26;  ///< A line of text.
constexpr int kDeviceWidth = 420;
constexpr int kPortHeight = 42;  ///< Of ports and GPUs: two lines.
constexpr int kDeviceHeight = 26;
constexpr int kReach = 36;  ///< From the side of a box to the next column.

bool is_way(const Part& part) {
  return part.kind != Part::Kind::Gpu && part.kind != Part::Kind::Device;
}

int own_height(const Part& part) {
  return part.kind == Part::Kind::Device ? kDeviceHeight : kPortHeight;
}

int height_of(const Part& part);

int height_of(const std::vector<Part>& parts) {
  int height = 0;
  for (const Part& part : parts) height += height_of(part) + (&part == &parts.front() ? 0 : kGap);
  return height;
}

int height_of(const Part& part) {
  return std::max(own_height(part), height_of(part.below));
}

/// How many columns of ports and switches there are before the devices.
int columns_of(const std::vector<Part>& parts) {
  int columns = 0;
  for (const Part& part : parts) columns = std::max(columns, columns_of(part.below) + (is_way(part) ? 1 : 0));
  return columns;
}

const char* meaning_of(LinkHealth health) {
  switch (health) {
    case LinkHealth::Best:
      return "link at its best";
    case LinkHealth::Resting:
      return "slower while idle";
    case LinkHealth::Slow:
      return "slower than it can be";
    case LinkHealth::Narrow:
      return "lanes missing";
    case LinkHealth::Unknown:
      break;
  }
  return "not known";
}

class MachineDrawing {
 public:
  MachineDrawing(const Host& host, const NameLookup& names, const std::vector<PackageFrame>& frames)
      : host_(host), names_(names), frames_(frames), port_width_(port_width(host)) {
    int columns = 0;
    for (const PackageFrame& frame : frames)
      for (const PackageFrame::Node& node : frame.nodes) columns = std::max(columns, columns_of(node.parts));
    first_column_ = 3 * kMargin + kReach / 2;
    devices_ = first_column_ + columns * (port_width_ + kReach);
    width_ = devices_ + kDeviceWidth + 3 * kMargin;
  }

  std::string draw(const std::string& title) {
    drawing_.text({kMargin, 0, width_ - 2 * kMargin, kHeading + kGap}, title, "strong");
    int top = kHeading + kGap;
    for (const PackageFrame& frame : frames_) top = draw_frame(frame, top) + kMargin;
    top = draw_legend(top);
    return drawing_.document(width_, top + kMargin, title);
  }

 private:
  /// @returns where it ends.
  int draw_frame(const PackageFrame& frame, int top) {
    int height = frame.title.empty() ? kMargin : kHeading;
    for (const PackageFrame::Node& node : frame.nodes) height += height_of_node(node) + kMargin;
    const Area area = {kMargin, top, width_ - 2 * kMargin, height};
    drawing_.box(area, "package", 10);
    if (!frame.title.empty())
      drawing_.text({area.left + kMargin, top, area.width - 2 * kMargin, kHeading}, frame.title, "strong");
    top += frame.title.empty() ? kMargin : kHeading;
    for (const PackageFrame::Node& node : frame.nodes) top = draw_node(node, top) + kMargin;
    return area.bottom();
  }

  static int height_of_node(const PackageFrame::Node& node) {
    return kHeading + (node.parts.empty() ? 0 : height_of(node.parts) + kMargin);
  }

  int draw_node(const PackageFrame::Node& node, int top) {
    const Area area = {2 * kMargin, top, width_ - 4 * kMargin, height_of_node(node)};
    drawing_.box(area, "node", 8);
    drawing_.text({area.left + kMargin, top, area.width - 2 * kMargin, kHeading}, node_words(node.node),
                  "plain", TextSize::Small);
    draw_parts(node.parts, area.left + kMargin, top + kHeading, first_column_, top + kHeading);
    return area.bottom();
  }

  /// Boxes one below the other, with a line to each from a trunk, which begins at `trunk_top`.
  void draw_parts(const std::vector<Part>& parts, int trunk, int trunk_top, int column, int top) {
    std::vector<std::pair<const Part*, Area>> placed;
    for (const Part& part : parts) {
      const int left = is_way(part) ? column : devices_;
      placed.push_back({&part, {left, top, is_way(part) ? port_width_ : kDeviceWidth, own_height(part)}});
      top += height_of(part) + kGap;
    }
    if (placed.empty()) return;
    const int first = std::min(trunk_top, placed.front().second.middle());
    const int last = std::max(trunk_top, placed.back().second.middle());
    if (last > first) drawing_.line(trunk, first, trunk, last, "trunk");
    for (const auto& [part, area] : placed) {
      const auto health = part->link ? to_string(part->link->health) : std::string_view("trunk");
      drawing_.line(trunk, area.middle(), area.left, area.middle(), health);
      if (part->link) healths_.insert(part->link->health);
      draw_part(*part, area);
    }
  }

  void draw_part(const Part& part, const Area& area) {
    if (!part.below.empty()) {
      const int trunk = area.right() + kReach / 2;
      drawing_.line(area.right(), area.middle(), trunk, area.middle(), "trunk");
      const int spare = std::max(0, area.height - height_of(part.below));
      draw_parts(part.below, trunk, area.middle(), area.right() + kReach, area.top + spare / 2);
    }
    draw_box(drawing_, host_, part, area, names_);
  }

  /// What the colours of the lines mean that were drawn.
  int draw_legend(int top) {
    int left = kMargin;
    for (const LinkHealth health : healths_) {
      const std::string_view meaning = meaning_of(health);
      const int width = kReach + kGap + drawn_width(meaning, TextSize::Small);
      if (left + width > width_ - kMargin) left = kMargin, top += kHeading;
      drawing_.line(left, top + kHeading / 2, left + kReach, top + kHeading / 2, to_string(health));
      drawing_.text({left + kReach + kGap, top, width - kReach - kGap, kHeading}, meaning, "plain",
                    TextSize::Small);
      left += width + 2 * kMargin;
    }
    return healths_.empty() ? top : top + kHeading;
  }

  const Host& host_;
  const NameLookup& names_;
  const std::vector<PackageFrame>& frames_;
  Drawing drawing_;
  std::set<LinkHealth> healths_;
  const int port_width_;
  int first_column_ = 0;  ///< The left side of the boxes next to a node.
  int devices_ = 0;       ///< The left side of all devices.
  int width_ = 0;
};

std::string title_for(const Host& host, const Picture& picture) {
  std::string title = counted(picture.gpus.size(), "GPU");
  if (host.cpus)
    title += fmt::format(", {}, {}", counted(host.cpus->packages.size(), "package"),
                         counted(host.cpus->cores.size(), "core"));
  return host.iommu.asked() ? title + ", " + iommu_words(host) : title;
}

}  // namespace

std::string render_topology_svg(const Host& host, const Picture& picture, const NameLookup& names) {
  const std::vector<PackageFrame> frames = frames_of(host, picture);
  return MachineDrawing(host, names, frames).draw(title_for(host, picture));
}

}  // namespace gpupass
