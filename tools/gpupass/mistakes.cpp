// SPDX-License-Identifier: GPL-2.0-or-later
#include "mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "help.hpp"

namespace gpupass {

namespace {

[[noreturn]] void refuse_line(const std::string& message, const std::string& hint) {
  throw Error(ErrorCode::Usage, "command line", message, hint);
}

/// "did you mean list? gpupass -h lists the verbs"
std::string with_guess(const std::string& guess, std::string_view hint) {
  return guess.empty() ? std::string(hint) : fmt::format("did you mean {}? {}", guess, hint);
}

bool has_option(const Command* verb, const std::string& name) {
  return options_of(verb).find_nothrow(name, /*approx=*/false) != nullptr;
}

/// Which verbs have an option.
std::string owners_of(const std::string& option) {
  std::string owners;
  for (const Command* verb : verbs())
    if (has_option(verb, option)) owners += fmt::format("{}{}", owners.empty() ? "" : ", ", verb->name);
  return owners;
}

std::string nearest_option(const Command* verb, const std::string& name) {
  const po::options_description options = options_of(verb);
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back(option->long_name());
  const std::string guess = nearest(name, names);
  return guess.empty() ? guess : "--" + guess;
}

/// "GPU" for the second of "DOMAIN GPU...".
std::string_view argument_at(const Command& verb, std::size_t position) {
  std::string_view rest = verb.arguments;
  for (; position > 0 && rest.find(' ') != rest.npos; --position) rest.remove_prefix(rest.find(' ') + 1);
  return rest.substr(0, rest.find_first_of(" ."));
}

}  // namespace

void refuse_unknown_verb(const std::string& word) {
  std::vector<std::string> names;
  for (const Command* verb : verbs()) names.emplace_back(verb->name);
  refuse_line(fmt::format("cannot run '{}': there is no such verb", word),
              with_guess(nearest(word, names), "gpupass -h lists the verbs"));
}

void refuse_unknown_option(const std::string& word, const Command* verb) {
  const std::string name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  const std::string option = name.substr(0, name.find('='));
  const std::string subject(verb ? verb->name : "gpupass");
  const std::string hint = fmt::format("gpupass {}-h lists the options", verb ? subject + ' ' : "");
  const std::string message = fmt::format("cannot run {}: it has no option {}", subject, word);
  const std::string owners = has_option(verb, option) ? "" : owners_of(option);
  refuse_line(message, owners.empty() ? with_guess(nearest_option(verb, option), hint)
                                      : fmt::format("it is an option of {}; {}", owners, hint));
}

void expect_arguments(const Invocation& invocation, std::size_t at_least, std::size_t at_most) {
  const std::vector<std::string>& arguments = invocation.arguments;
  const Command& verb = *invocation.verb;
  if (arguments.size() > at_most) {
    const std::string& extra = arguments[at_most];
    refuse_line(fmt::format("cannot run {} with '{}': it takes {}", verb.name, extra,
                            at_most == 0 ? "no argument" : fmt::format("{} alone", verb.arguments)),
                has_option(&verb, "gpu") ? fmt::format("if it is a GPU: --gpu {}", extra) : usage_line(verb));
  }
  if (arguments.size() < at_least)
    refuse_line(fmt::format("cannot run {}: {} is missing", verb.name, argument_at(verb, arguments.size())),
                usage_line(verb));
}

}  // namespace gpupass
