// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/place.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {
constexpr std::size_t kShownBytes = 60;  // Of a value that is wrong.
}

std::string JsonPlace::to_string() const {
  if (!above_) return std::string(key_);
  const std::string above = above_->to_string();
  return key_.empty() ? fmt::format("{}[{}]", above, index_) : fmt::format("{}.{}", above, key_);
}

void JsonPlace::malformed(std::string_view seen, std::string_view expected) const {
  const std::string place = to_string();
  throw Error(ErrorCode::Malformed, place,
              fmt::format("cannot read {}: saw {}, expected {}", place, seen, expected));
}

void JsonPlace::malformed(const nlohmann::json& seen, std::string_view expected) const {
  // In ASCII, with escapes: foreign text never reaches a terminal raw.
  std::string text = seen.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > kShownBytes) text.replace(kShownBytes, std::string::npos, "...");
  malformed(std::string_view(text), expected);
}

}  // namespace gpupass
