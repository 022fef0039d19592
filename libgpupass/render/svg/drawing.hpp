// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// In the pixels of a drawing.
struct Area {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  int right() const { return left + width; }
  int bottom() const { return top + height; }
  int middle() const { return top + height / 2; }
};

/// Small text is for what stands beside a name.
enum class TextSize { Ordinary, Small };
enum class Side { Left, Right };

/// Shapes and texts, each of a class that the style knows.
class Drawing {
 public:
  /// What follows belongs together, and shows this whole text where the pointer rests on it.
  void begin_group(std::string_view title);
  void end_group();
  void box(const Area& area, std::string_view style, int radius = 6);
  /// From left to right, or from top to bottom.
  void line(int x1, int y1, int x2, int y2, std::string_view style);
  /// Foreign text in one line in the middle of an area, shortened where it would not fit.
  void text(const Area& area, std::string_view text, std::string_view style,
            TextSize size = TextSize::Ordinary, Side side = Side::Left);

  /// The whole picture, this large.
  std::string document(int width, int height, std::string_view title) const;

 private:
  std::string shapes_;
};

/// How wide a text is drawn, at most.
int drawn_width(std::string_view text, TextSize size = TextSize::Ordinary);

}  // namespace gpupass
