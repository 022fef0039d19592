// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/number_option.hpp"

#include <fmt/format.h>

#include <charconv>

#include "gpupass/error.hpp"

namespace gpupass {

std::optional<unsigned> whole_number(std::string_view text, unsigned least, unsigned most) {
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) return std::nullopt;
  return number;
}

std::optional<unsigned> number_option(const Invocation& invocation, const std::string& option, unsigned least,
                                      unsigned most) {
  if (!invocation.has(option)) return std::nullopt;
  const auto number = whole_number(invocation.options[option].as<std::string>(), least, most);
  if (!number) refuse_value(invocation, option, fmt::format("a number from {} to {}", least, most));
  return number;
}

void refuse_value(const Invocation& invocation, const std::string& option, const std::string& expected) {
  refuse_value(invocation, option, invocation.options[option].as<std::string>(), expected);
}

void refuse_value(const Invocation& invocation, const std::string& option, const std::string& saw,
                  const std::string& expected) {
  throw Error(ErrorCode::Usage, "--" + option,
              fmt::format("cannot use --{}: saw '{}', expected {}", option, saw, expected),
              fmt::format("gpupass {} -h lists the options", invocation.verb->name));
}

void refuse_beside(const std::string& option, const std::string& other, const std::string& message,
                   const std::string& hint) {
  throw Error(ErrorCode::Usage, "--" + option,
              fmt::format("cannot use --{} beside --{}: {}", option, other, message), hint);
}

}  // namespace gpupass
