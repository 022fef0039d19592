// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gpupass/error.hpp"

namespace gpupass {

/// The lines of a capture that say something: comments and empty lines are passed over.
class CaptureLines {
 public:
  CaptureLines(std::string_view text, std::string file);

  bool at_end() const { return at_end_; }
  /// The line in front, without its newline. Only when not at_end().
  std::string_view front() const { return line_; }
  bool starts_with(std::string_view start) const { return !at_end_ && line_.starts_with(start); }
  /// Takes the front line away.
  std::string_view take();

  /// What is wrong with the front line: names the file, the line, what was seen, and `expected`.
  Error malformed(std::string_view expected) const;
  /// Reads escapes of the front line. @throws Error Malformed.
  std::string unescaped(std::string_view text) const;

 private:
  void go_to_next();

  std::string_view rest_;
  std::string file_;
  std::string_view line_;
  std::size_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace gpupass
