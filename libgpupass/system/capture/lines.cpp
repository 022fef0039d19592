// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/lines.hpp"

#include <fmt/format.h>

#include "system/capture/text.hpp"

namespace gpupass {

namespace {
constexpr std::size_t kShownBytes = 60;  // Of a line that is wrong.
}

CaptureLines::CaptureLines(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {
  go_to_next();
}

std::string_view CaptureLines::take() {
  const std::string_view line = line_;
  go_to_next();
  return line;
}

void CaptureLines::go_to_next() {
  do {
    if (rest_.empty()) {
      at_end_ = true;
      line_ = {};
      return;
    }
    const auto newline = rest_.find('\n');
    line_ = rest_.substr(0, newline);
    rest_.remove_prefix(newline == rest_.npos ? rest_.size() : newline + 1);
    ++number_;
  } while (line_.empty() || line_.starts_with('#'));
}

Error CaptureLines::malformed(std::string_view expected) const {
  const std::string_view shown = line_.substr(0, kShownBytes);
  const std::string seen =
      at_end_ ? "the end"
              : fmt::format("\"{}{}\"", escape_value(shown), shown.size() < line_.size() ? "..." : "");
  return Error(ErrorCode::Malformed, file_,
               fmt::format("cannot read {}, line {}: saw {}, expected {}", file_, number_, seen, expected));
}

std::string CaptureLines::unescaped(std::string_view text) const {
  auto value = unescape(text);
  if (!value) throw malformed("control characters and backslashes as \\\\, \\n, \\t or \\xHH");
  return *std::move(value);
}

}  // namespace gpupass
