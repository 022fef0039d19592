// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "options/number_option.hpp"

namespace gpupass {

/// The choice that an option's value names; nullopt when it was not given. @throws Error Usage for another
/// word.
template <typename Choice>
std::optional<Choice> choice_option(const Invocation& invocation, const std::string& option,
                                    std::initializer_list<std::pair<std::string_view, Choice>> choices) {
  if (!invocation.has(option)) return std::nullopt;
  const auto& text = invocation.options[option].as<std::string>();
  std::string expected;
  for (const auto& [name, choice] : choices) {
    if (name == text) return choice;
    expected += fmt::format("{}{}", expected.empty() ? "" : ", ", name);
  }
  refuse_value(invocation, option, "one of " + expected);
}

/// The same for an enumeration, each value by its name.
template <typename Enum>
std::optional<Enum> named_option(const Invocation& invocation, const std::string& option,
                                 std::initializer_list<Enum> choices) {
  if (!invocation.has(option)) return std::nullopt;
  const auto& text = invocation.options[option].as<std::string>();
  std::string expected;
  for (const Enum choice : choices) {
    if (to_string(choice) == text) return choice;
    expected += fmt::format("{}{}", expected.empty() ? "" : ", ", to_string(choice));
  }
  refuse_value(invocation, option, "one of " + expected);
}

}  // namespace gpupass
