// SPDX-License-Identifier: GPL-2.0-or-later
#include "number_option.hpp"

#include <fmt/format.h>

#include <charconv>

#include "gpupass/error.hpp"

namespace gpupass {

std::optional<unsigned> number_option(const Invocation& invocation, const std::string& option, unsigned least,
                                      unsigned most) {
  if (!invocation.has(option)) return std::nullopt;
  const auto& text = invocation.options[option].as<std::string>();
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most)
    refuse_value(invocation, option, fmt::format("a number from {} to {}", least, most));
  return number;
}

void refuse_value(const Invocation& invocation, const std::string& option, const std::string& expected) {
  throw Error(ErrorCode::Usage, "--" + option,
              fmt::format("cannot use --{}: saw '{}', expected {}", option,
                          invocation.options[option].as<std::string>(), expected),
              fmt::format("gpupass {} -h lists the options", invocation.verb->name));
}

}  // namespace gpupass
