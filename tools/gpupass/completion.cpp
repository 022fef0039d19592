// SPDX-License-Identifier: GPL-2.0-or-later
#include "completion.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "candidates.hpp"
#include "gpupass/render.hpp"
#include "invocation.hpp"
#include "shell_words.hpp"

namespace gpupass {

namespace {

/// Who waits for a completion does not wait for a libvirt that hangs.
constexpr std::chrono::seconds kPatience{2};

/// What the words before the last one say.
struct Typed {
  const Command* verb = nullptr;
  std::size_t arguments = 0;     ///< How many stand after the verb.
  bool options_ended = false;    ///< By "--".
  std::string open_option = {};  ///< Its value is next. Empty: none is.
  SystemOptions machine;
};

const Command* find_verb(const std::string& word) {
  for (const Command* verb : verbs())
    if (verb->name == word) return verb;
  return nullptr;
}

/// "GPU" for "--gpu", "URI" for "-c". Empty: it takes no value, or there is no such option.
std::string placeholder_of(const Command* verb, const std::string& option) {
  const po::options_description options = options_of(verb);
  for (const auto& each : options.options()) {
    const std::string letter = each->canonical_display_name(po::command_line_style::allow_dash_for_short);
    if (option != "--" + each->long_name() && option != letter) continue;
    return each->semantic()->max_tokens() == 0 ? "" : each->format_parameter();
  }
  return {};
}

void take_value(Typed& typed, const std::string& option, const std::string& value) {
  if (option == "--root") typed.machine.root = value;
  if (option != "--connect" && option != "-c") return;
  typed.machine.libvirt_uri = value;
  typed.machine.uri_given = true;
}

void take(Typed& typed, const std::string& word) {
  if (!typed.open_option.empty()) {
    take_value(typed, typed.open_option, word);
    typed.open_option.clear();
  } else if (word == "--" && !typed.options_ended) {
    typed.options_ended = true;
  } else if (word.starts_with('-') && !typed.options_ended) {
    const std::size_t equals = word.find('=');
    if (equals != word.npos)
      take_value(typed, word.substr(0, equals), word.substr(equals + 1));
    else if (!placeholder_of(typed.verb, word).empty())
      typed.open_option = word;
  } else if (typed.verb) {
    ++typed.arguments;
  } else {
    typed.verb = find_verb(word);  // None: it may be "help", and a verb is next.
  }
}

/// "GPU" for "[GPU...]"; the last placeholder may be repeated.
std::string placeholder_at(const Command& verb, std::size_t position) {
  std::string_view rest = verb.arguments;
  for (; position > 0 && !rest.empty(); --position) {
    const std::size_t space = rest.find(' ');
    if (space == rest.npos && rest.find("...") == rest.npos) return "";
    if (space != rest.npos) rest.remove_prefix(space + 1);
  }
  rest.remove_prefix(rest.starts_with('[') ? 1 : 0);
  rest = rest.substr(0, std::min(rest.find("..."), rest.find_first_of(" ]")));
  return std::string(rest == "NAME" ? "DOMAIN" : rest);  // A guest's name may be that of one to be patched.
}

std::vector<CandidateWord> verb_candidates() {
  std::vector<CandidateWord> candidates;
  for (const Command* verb : verbs())
    candidates.push_back({std::string(verb->name), std::string(verb->summary)});
  candidates.push_back({"help", "Explain a verb"});
  candidates.push_back({"version", "Print the version"});
  return candidates;
}

std::vector<CandidateWord> option_candidates(const Command* verb) {
  std::vector<CandidateWord> candidates;
  const po::options_description options = options_of(verb);
  for (const auto& option : options.options())
    candidates.push_back({"--" + option->long_name(), option->description()});
  return candidates;
}

std::string text_of(const std::vector<CandidateWord>& candidates) {
  std::string text = "words\n";
  for (const auto& [word, meaning] : candidates)
    if (!word.empty() && printable(word) == word)  // A line break would make two of one.
      text += word + (meaning.empty() ? "" : '\t' + printable(meaning)) + '\n';
  return text;
}

std::string values_of(const std::string& placeholder, const std::string& last, const SystemOptions& machine) {
  return is_file(placeholder) ? "files\n" : text_of(candidates_for(placeholder, last, machine));
}

}  // namespace

std::string completions(const std::vector<std::string>& words) {
  Typed typed;
  typed.machine.deadline = kPatience;
  if (const char* root = std::getenv("GPUPASS_ROOT"); root && *root) typed.machine.root = root;
  for (std::size_t at = 0; at + 1 < words.size(); ++at) take(typed, unquoted(words[at]));
  const std::string last = words.empty() ? "" : unquoted(words.back());

  const std::size_t equals = last.find('=');
  if (!typed.open_option.empty())
    return values_of(placeholder_of(typed.verb, typed.open_option), last, typed.machine);
  if (last.starts_with("--") && equals != last.npos && !typed.options_ended)
    return values_of(placeholder_of(typed.verb, last.substr(0, equals)), last.substr(equals + 1),
                     typed.machine);
  if (last.starts_with('-') && !typed.options_ended) return text_of(option_candidates(typed.verb));
  if (!typed.verb) return text_of(verb_candidates());
  return values_of(placeholder_at(*typed.verb, typed.arguments), last, typed.machine);
}

}  // namespace gpupass
