// SPDX-License-Identifier: GPL-2.0-or-later
#include "invocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "gpupass/error.hpp"
#include "help.hpp"
#include "mistakes.hpp"
#include "options/number_option.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kFirstSteps = "gpupass -h lists the verbs";
constexpr std::array<std::string_view, 3> kLaterVerbs = {"apply", "assert", "export"};

/// No guessing: an abbreviation that is unique today is ambiguous tomorrow.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

/// What is no verb of its own, and yet everybody tries.
constexpr std::string_view kHelp = "help";
constexpr std::string_view kVersion = "version";

/// The verb's word, its arguments, and the options that are promised only: parsed, never shown.
void add_hidden_options(po::options_description& options, const Command* verb) {
  options.add_options()("verb", po::value<std::string>());
  options.add_options()("arguments", po::value<std::vector<std::string>>());
  if (!verb) return;
  for (const std::string_view later : verb->later)
    options.add_options()(std::string(later).c_str(), po::value<std::string>()->implicit_value(""));
}

po::positional_options_description positions() {
  po::positional_options_description description;
  description.add("verb", 1).add("arguments", -1);
  return description;
}

[[noreturn]] void refuse(const std::string& message, std::string_view hint = kFirstSteps) {
  throw Error(ErrorCode::Usage, "command line", message, std::string(hint));
}

/// The first word that is neither a global option nor the value of one.
std::string verb_word(int argc, const char* const* argv) {
  po::options_description options = options_of(nullptr);
  add_hidden_options(options, nullptr);
  const auto parsed = po::command_line_parser(argc, argv)
                          .options(options)
                          .positional(positions())
                          .style(kStyle)
                          .allow_unregistered()
                          .run();
  for (const auto& option : parsed.options)
    if (option.position_key == 0 && !option.value.empty()) return option.value.front();
  return {};
}

const Command* verb_named(const std::string& word) {
  const auto found =
      std::ranges::find(verbs(), std::string_view(word), [](const Command* verb) { return verb->name; });
  if (found != verbs().end()) return *found;
  if (std::ranges::find(kLaterVerbs, word) != kLaterVerbs.end())
    refuse(fmt::format("cannot {}: not yet available", word), "a later version of gpupass brings it");
  refuse_unknown_verb(word);
}

void refuse_later_options(const Invocation& invocation) {
  for (const std::string_view later : invocation.verb->later)
    if (invocation.has(std::string(later)))
      refuse(fmt::format("cannot {} with --{}: not yet available", invocation.verb->name, later),
             "a later version of gpupass brings it");
}

/// Takes a deadline from the environment. A wrong value there is an error.
void take_deadline(const char* name, std::chrono::milliseconds& deadline) {
  const char* text = std::getenv(name);
  if (!text || !*text) return;
  const auto seconds = whole_number(text, 1, 86'400);
  if (!seconds) refuse(fmt::format("cannot use {}: saw '{}', expected seconds from 1 to 86400", name, text));
  deadline = std::chrono::seconds(*seconds);
}

/// Puts the global options where they belong.
void settle(Invocation& invocation) {
  const po::variables_map& given = invocation.options;
  const auto text = [&](const char* name) { return given[name].as<std::string>(); };
  const char* from_environment = std::getenv("GPUPASS_ROOT");
  invocation.roots = invocation.all("root");
  if (invocation.roots.empty())
    invocation.roots.push_back(from_environment && *from_environment ? from_environment : "/");
  invocation.system.root = invocation.roots.front();
  invocation.root_given = invocation.system.root != "/";
  if (std::ranges::find(invocation.roots, "") != invocation.roots.end())
    refuse("cannot use --root: saw no path, expected a folder or NAME.host");
  invocation.system.uri_given = given.count("connect") != 0;
  if (invocation.system.uri_given) invocation.system.libvirt_uri = text("connect");
  take_deadline("GPUPASS_DEADLINE", invocation.system.deadline);
  take_deadline("GPUPASS_WRITE_DEADLINE", invocation.system.write_deadline);
  invocation.json_lines = given.count("json-lines") != 0;
  invocation.json = given.count("json") != 0 || invocation.json_lines;
  invocation.dry_run = given.count("dry-run") != 0;
  invocation.yes = given.count("yes") != 0;
  invocation.quiet = given.count("quiet") != 0;
  invocation.verbose = given.count("verbose") != 0;
  invocation.help = given.count("help") != 0;
  invocation.version = given.count("version") != 0;
  invocation.arguments = invocation.all("arguments");
}

/// Drops all but the last of an option that has one value or none.
void keep_the_last(po::parsed_options& parsed, const po::options_description& options) {
  const auto is_repeatable = [&](const std::string& name) {
    const po::option_description* option = options.find_nothrow(name, /*approx=*/false);
    return !option || dynamic_cast<const po::typed_value<std::vector<std::string>>*>(
                          option->semantic().get()) != nullptr;
  };
  std::set<std::string> seen;
  std::vector<po::option> kept;
  for (auto option = parsed.options.rbegin(); option != parsed.options.rend(); ++option)
    if (is_repeatable(option->string_key) || seen.insert(option->string_key).second) kept.push_back(*option);
  parsed.options.assign(kept.rbegin(), kept.rend());
}

void read_options(int argc, const char* const* argv, Invocation& invocation) {
  po::options_description options = options_of(invocation.verb);
  add_hidden_options(options, invocation.verb);
  try {
    auto parsed =
        po::command_line_parser(argc, argv).options(options).positional(positions()).style(kStyle).run();
    keep_the_last(parsed, options);
    po::store(parsed, invocation.options);
  } catch (const po::unknown_option& error) {
    refuse_unknown_option(error.get_option_name(), invocation.verb);
  }
  settle(invocation);
}

/// "gpupass help bind", "gpupass version".
Invocation ask_for_help(int argc, const char* const* argv, const std::string& word) {
  Invocation invocation;
  read_options(argc, argv, invocation);
  (word == kHelp ? invocation.help : invocation.version) = true;
  const std::vector<std::string>& about = invocation.arguments;
  if (!about.empty() && about.front() != kHelp && about.front() != kVersion)
    invocation.verb = verb_named(about.front());
  return invocation;
}

Invocation understand(int argc, const char* const* argv) {
  Invocation invocation;
  const std::string word = verb_word(argc, argv);
  if (word == kHelp || word == kVersion) return ask_for_help(argc, argv, word);
  invocation.verb = word.empty() ? &status_verb : verb_named(word);
  read_options(argc, argv, invocation);
  if (word.empty() && invocation.help) invocation.verb = nullptr;
  if (invocation.verb) refuse_later_options(invocation);
  if (invocation.roots.size() > 1 && !invocation.has("requests"))
    refuse("cannot use several --root: one machine at a time, except for place --requests");
  return invocation;
}

}  // namespace

std::vector<std::string> Invocation::all(const std::string& option) const {
  return has(option) ? options[option].as<std::vector<std::string>>() : std::vector<std::string>();
}

po::options_description options_of(const Command* verb) {
  po::options_description options;
  describe_global_options(options);
  if (verb && verb->describe) verb->describe(options);
  return options;
}

Invocation parse(int argc, const char* const* argv) {
  try {
    return understand(argc, argv);
  } catch (const po::error& error) {
    refuse(fmt::format("cannot read the command line: {}", error.what()),
           "-h after a verb lists its options");
  }
}

}  // namespace gpupass
