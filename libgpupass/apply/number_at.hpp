// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/fact.hpp"
#include "values/error.hpp"
#include "values/number.hpp"

namespace gpupass {

/// The number that was read at a path. @throws Error System where there is none.
template <typename Number>
Number number_at(const std::string& path, const Fact<std::string>& text) {
  const auto number = text ? parse_number<Number>(*text) : std::nullopt;
  if (number) return *number;
  throw failure(ErrorCode::System, "read", path,
                text            ? *text
                : text.absent() ? "no such file"
                                : text.why(),
                "a number");
}

}  // namespace gpupass
