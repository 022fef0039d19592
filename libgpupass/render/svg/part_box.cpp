// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/svg/part_box.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "render/text/gpu_words.hpp"
#include "render/text/names.hpp"
#include "render/text/text.hpp"
#include "render/text/words.hpp"
#include "values/card.hpp"
#include "values/link.hpp"
#include "values/model.hpp"

namespace gpupass {

namespace {

std::string_view word_for(const Part& part) {
  switch (part.kind) {
    case Part::Kind::Port:
      return "root port";
    case Part::Kind::Switch:
      return "switch";
    case Part::Kind::Bridge:
      return "bridge";
    case Part::Kind::Gpu:
      return "GPU";
    case Part::Kind::Device:
      break;
  }
  if (is_nvswitch(*part.function)) return "NVSwitch";
  return part.function->class_code ? class_word(*part.function->class_code) : "device";
}

std::string_view style_of(Tone tone) {
  switch (tone) {
    case Tone::Good:
      return "good";
    case Tone::Caution:
      return "caution";
    case Tone::Bad:
      return "bad";
    default:
      return "plain";
  }
}

/// Missing lanes and a link that is slow without a reason are said in their colour.
std::string_view style_of(const LinkAssessment& link) {
  return link.health == LinkHealth::Narrow ? "bad" : link.health == LinkHealth::Slow ? "caution" : "plain";
}

std::string link_words(const Part& part) {
  return part.link ? link_now_of_best(part.link->link) : std::string();
}

std::size_t direct_links_of(const Host& host, PciAddress gpu) {
  if (!host.direct_links) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(
      *host.direct_links, [&](const DirectLink& link) { return link.first == gpu || link.second == gpu; }));
}

/// The upper or the lower line of a box.
Area half_of(const Area& area, bool upper) {
  constexpr int kEdge = 2;
  const int height = area.height / 2;
  return {area.left, upper ? area.top + kEdge : area.top + height - kEdge, area.width, height};
}

class PartBox {
 public:
  PartBox(Drawing& drawing, const Host& host, const Part& part, const NameLookup& names)
      : drawing_(drawing), host_(host), part_(part), names_(names) {}

  void draw(const Area& area) {
    drawing_.begin_group(fmt::format("{} {} {}", part_.function->address.to_string(), word_for(part_),
                                     name_of(*part_.function, names_)));
    if (part_.kind == Part::Kind::Gpu)
      draw_gpu(area);
    else if (part_.kind == Part::Kind::Device)
      draw_device(area);
    else
      draw_port(area);
    drawing_.end_group();
  }

 private:
  std::string address() const { return short_address(host_, part_.function->address); }
  /// What it is, where the model has no name that tells.
  std::string name() const {
    const std::string model = model_name(*part_.function, names_);
    return model == ids_of(*part_.function) ? fmt::format("{} {}", word_for(part_), model) : model;
  }

  void draw_port(const Area& area) {
    drawing_.box(area, "port");
    const Area inner = {area.left + kGap, area.top, area.width - 2 * kGap, area.height};
    const Area line = part_.link ? half_of(inner, true) : inner;
    drawing_.text(line, address(), "plain");
    drawing_.text(line, word_for(part_), "plain", TextSize::Small, Side::Right);
    if (part_.link)
      drawing_.text(half_of(inner, false), link_words(part_), style_of(*part_.link), TextSize::Small);
  }

  void draw_device(const Area& area) {
    drawing_.box(area, "device");
    draw_name({area.left + 2 * kGap, area.top, area.width - 3 * kGap, area.height}, "plain");
  }

  void draw_gpu(const Area& area) {
    drawing_.box(area, "gpu");
    const TextCell state = part_.gpu ? state_words(host_, *part_.gpu) : TextCell("?", Tone::Caution);
    constexpr int kBar = 5;
    drawing_.box({area.left, area.top + kBar, kBar, area.height - 2 * kBar},
                 fmt::format("bar-{}", style_of(state.tone)), 2);
    const Area inner = {area.left + 2 * kGap, area.top, area.width - 3 * kGap, area.height};
    draw_name(half_of(inner, true), "strong");
    const std::size_t linked = direct_links_of(host_, part_.function->address);
    drawing_.text(half_of(inner, false),
                  state.text + (linked > 0 ? fmt::format(", xGMI to {}", counted(linked, "GPU")) : ""),
                  style_of(state.tone), TextSize::Small);
  }

  /// The name at the left, and the link at the right.
  void draw_name(const Area& line, std::string_view style) {
    const std::string link = link_words(part_);
    const int taken = link.empty() ? 0 : drawn_width(link, TextSize::Small) + kGap;
    drawing_.text({line.left, line.top, line.width - taken, line.height}, address() + ' ' + name(), style);
    if (!link.empty()) drawing_.text(line, link, style_of(*part_.link), TextSize::Small, Side::Right);
  }

  Drawing& drawing_;
  const Host& host_;
  const Part& part_;
  const NameLookup& names_;
};

}  // namespace

int port_width(const Host& host) {
  int width = drawn_width("Gen1 x8 (Gen5 x16)", TextSize::Small) + 2 * kGap;
  for (const PciFunction& function : host.functions)
    width = std::max(width, drawn_width(short_address(host, function.address)) +
                                drawn_width("root port", TextSize::Small) + 3 * kGap);
  return width;
}

void draw_box(Drawing& drawing, const Host& host, const Part& part, const Area& area,
              const NameLookup& names) {
  PartBox(drawing, host, part, names).draw(area);
}

}  // namespace gpupass
