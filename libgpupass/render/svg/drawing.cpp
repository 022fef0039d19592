// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/svg/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/render.hpp"
#include "render/svg/markup.hpp"
#include "values/utf8.hpp"

namespace gpupass {

namespace {

// A fixed-width font is 0.60 to 0.61 of its size wide; of other scripts a character is as wide as two.
constexpr int kCell = 8, kSmallCell = 7;

int cell_of(TextSize size) {
  return size == TextSize::Small ? kSmallCell : kCell;
}

/// How many cells the characters of a text take.
int cells_of(std::string_view text) {
  int cells = 0;
  while (!text.empty()) {
    const Utf8Character character = decode_utf8(text);
    cells += character.code < 0x80 ? 1 : 2;
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return cells;
}

/// The text, or its begin and "..", in so many cells.
std::string fitted(const std::string& text, int cells) {
  constexpr std::string_view kMore = "..";
  if (cells_of(text) <= cells) return text;
  std::string result;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t bytes = std::max<std::size_t>(1, decode_utf8(rest).bytes);
    const std::string longer = result + std::string(rest.substr(0, bytes));
    if (cells_of(longer) + static_cast<int>(kMore.size()) > cells) break;
    result = longer;
    rest.remove_prefix(bytes);
  }
  return result + std::string(kMore);
}

/// All rules are for one picture, as a page may have others beside it.
constexpr std::string_view kStyle = R"(<style>
.machine { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 13px }
.machine text { fill: #1c2733 }
.machine .small { font-size: 11px; fill: #53606e }
.machine .strong { font-weight: bold }
.machine .page { fill: #ffffff }
.machine .package { fill: #f3f5f8; stroke: #c3ccd6 }
.machine .node { fill: #ffffff; stroke: #c3ccd6 }
.machine .port { fill: #e9edf2; stroke: #aab4c0 }
.machine .device { fill: #ffffff; stroke: #aab4c0 }
.machine .gpu { fill: #eef4ff; stroke: #6b8fc9 }
.machine .bar-good { fill: #2b9348 } .machine .bar-plain { fill: #2f6fed }
.machine .bar-caution { fill: #d98200 } .machine .bar-bad { fill: #d1242f }
.machine text.good { fill: #1d7a38 } .machine text.caution { fill: #8f5600 } .machine text.bad { fill: #b81c26 }
.machine line { stroke-width: 3; stroke: #aab4c0 }
.machine .trunk { stroke-width: 2 }
.machine .best { stroke: #2b9348 } .machine .resting { stroke: #7d8ca0; stroke-dasharray: 8 3 }
.machine .slow { stroke: #d98200; stroke-dasharray: 5 3 } .machine .narrow { stroke: #d1242f; stroke-dasharray: 3 2 }
.machine .unknown { stroke: #aab4c0; stroke-dasharray: 2 4 }
@media (prefers-color-scheme: dark) {
.machine text { fill: #e3e8ee }
.machine .small { fill: #a5b1bf }
.machine .page { fill: #14181d }
.machine .package { fill: #1c2229; stroke: #3b4652 }
.machine .node { fill: #14181d; stroke: #3b4652 }
.machine .port { fill: #262e37; stroke: #4d5967 }
.machine .device { fill: #1a2027; stroke: #4d5967 }
.machine .gpu { fill: #17263f; stroke: #4a6ea9 }
.machine .bar-good { fill: #3fb45f } .machine .bar-plain { fill: #5b93ff }
.machine .bar-caution { fill: #e3a13a } .machine .bar-bad { fill: #ff5a61 }
.machine text.good { fill: #6fd189 } .machine text.caution { fill: #edb85c } .machine text.bad { fill: #ff8b90 }
.machine line { stroke: #5b6876 }
.machine .best { stroke: #3fb45f } .machine .resting { stroke: #8795a6 }
.machine .slow { stroke: #e3a13a } .machine .narrow { stroke: #ff5a61 } .machine .unknown { stroke: #5b6876 }
}
</style>
)";

}  // namespace

int drawn_width(std::string_view text, TextSize size) {
  return cells_of(printable(text)) * cell_of(size);
}

void Drawing::begin_group(std::string_view title) {
  shapes_ += fmt::format("<g><title>{}</title>\n", escaped(title));
}

void Drawing::end_group() {
  shapes_ += "</g>\n";
}

void Drawing::box(const Area& area, std::string_view style, int radius) {
  shapes_ += fmt::format(R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>)", style,
                         area.left, area.top, area.width, area.height, radius) +
             '\n';
}

void Drawing::line(int x1, int y1, int x2, int y2, std::string_view style) {
  shapes_ +=
      fmt::format(R"(<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>)", style, x1, y1, x2, y2) + '\n';
}

void Drawing::text(const Area& area, std::string_view text, std::string_view style, TextSize size,
                   Side side) {
  const std::string shown = escaped(fitted(printable(text), area.width / cell_of(size)));
  const bool right = side == Side::Right;
  shapes_ += fmt::format(R"(<text class="{}{}" x="{}" y="{}" dy=".35em"{}>{}</text>)",
                         size == TextSize::Small ? "small " : "", style, right ? area.right() : area.left,
                         area.middle(), right ? R"( text-anchor="end")" : "", shown) +
             '\n';
}

std::string Drawing::document(int width, int height, std::string_view title) const {
  return fmt::format(
             R"(<svg xmlns="http://www.w3.org/2000/svg" class="machine" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">)",
             width, height) +
         fmt::format("\n<title>{}</title>\n{}", escaped(title), kStyle) +
         fmt::format(R"(<rect class="page" width="{}" height="{}"/>)", width, height) + '\n' + shapes_ +
         "</svg>\n";
}

}  // namespace gpupass
