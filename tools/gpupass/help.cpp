// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpupass {

namespace {

/// "  -c, --connect URI"
std::string left_side(const po::option_description& option) {
  const std::string name = option.canonical_display_name(po::command_line_style::allow_long);
  const std::string letter = option.canonical_display_name(po::command_line_style::allow_dash_for_short);
  const std::string value = option.semantic()->max_tokens() == 0 ? "" : " " + option.format_parameter();
  return fmt::format("  {:<4}{}{}", letter.starts_with('-') ? letter + "," : "", name, value);
}

std::string table_of(const po::options_description& options) {
  std::size_t width = 22;
  for (const auto& option : options.options()) width = std::max(width, left_side(*option).size());
  std::string text;
  for (const auto& option : options.options())
    text += fmt::format("{:<{}}  {}\n", left_side(*option), width, option->description());
  return text;
}

std::string help_of(const Command& verb) {
  std::string text = fmt::format("{}\n\n{}.\n", usage_line(verb), verb.summary);
  po::options_description options;
  if (verb.describe) verb.describe(options);
  if (!options.options().empty()) text += "\nOptions:\n" + table_of(options);
  return text + fmt::format(
                    "\nExample: gpupass {}\n"
                    "Every verb has the options that gpupass -h lists. More: man gpupass-{}\n",
                    verb.example, verb.name);
}

}  // namespace

void describe_global_options(po::options_description& options) {
  auto add = options.add_options();
  add("root", po::value<std::vector<std::string>>()->value_name("PATH"),
      "a captured tree or NAME.host instead of /");
  add("host", po::value<std::string>()->value_name("NODE"), "run this on ssh://NODE, which has gpupass");
  add("hosts", po::value<std::string>()->value_name("FILE"),
      "of a verb that reads: over every host of a list");
  add("connect,c", po::value<std::string>()->value_name("URI"), "libvirt's URI");
  add("json", "print the result as JSON");
  add("json-lines", "of a verb that changes something: print each event and the result, a line each");
  add("dry-run,n", "print the plan, change nothing");
  add("yes,y", "do not ask");
  add("quiet,q", "no notes on stderr");
  add("verbose,v", "print more: what could not be seen, and all of a plan");
  add("version", "print the version");
  add("help,h", "print this help; after a verb, that verb's");
}

std::string usage_line(const Command& verb) {
  return fmt::format("usage: gpupass {} [options]{}{}", verb.name, verb.arguments.empty() ? "" : " ",
                     verb.arguments);
}

std::string help(const Command* verb) {
  if (verb) return help_of(*verb);
  std::string text =
      "usage: gpupass [options] VERB [options] [arguments]\n\n"
      "Gives GPUs to virtual machines and gets them back.\n\n";
  for (const Command* each : verbs()) text += fmt::format("  {:<12}{}\n", each->name, each->summary);
  po::options_description options;
  describe_global_options(options);
  return text + "\nOptions, before or after the verb:\n" + table_of(options) +
         "\ngpupass help VERB tells more of a verb.\n";
}

}  // namespace gpupass
