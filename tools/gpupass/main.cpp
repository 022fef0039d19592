// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

#include "completion.hpp"
#include "exit_status.hpp"
#include "fleet.hpp"
#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "gpupass/version.hpp"
#include "help.hpp"
#include "libvirt_hook.hpp"
#include "locality.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

const std::vector<const Command*>& verbs() {
  static const std::vector<const Command*> all = {
      &status_verb,  &list_verb,   &show_verb,       &groups_verb,   &topology_verb, &check_verb,
      &place_verb,   &run_verb,    &give_verb,       &take_verb,     &bind_verb,     &release_verb,
      &slices_verb,  &slice_verb,  &boot_verb,       &apply_verb,    &assert_verb,   &export_verb,
      &prepare_verb, &tune_verb,   &quarantine_verb, &handover_verb, &validate_verb, &hook_verb,
      &xml_verb,     &define_verb, &attach_verb,     &detach_verb,   &history_verb,  &undo_verb,
      &recover_verb, &capture_verb};
  return all;
}

namespace {

enum class Form { Text, Json, JsonLines };

/// An error in the command line is printed as JSON too, if an option asks for that.
Form form_asked(std::span<char*> words) {
  for (const std::string_view word : words) {
    if (word == "--") break;
    if (word == "--json") return Form::Json;
    if (word == "--json-lines") return Form::JsonLines;
  }
  return Form::Text;
}

void print_error(const Error& error, Form form) {
  if (form == Form::Text)
    tell_error(error);
  else if (form == Form::Json)
    print(render_error_json(error));
  else
    print_line(render_error_json(error));
}

void expect_events(const Invocation& invocation) {
  if (!invocation.json_lines || invocation.verb->effect != Effect::Reads) return;
  throw Error(
      ErrorCode::Usage, "--json-lines",
      fmt::format("cannot {} with --json-lines: it has one answer and no events", invocation.verb->name),
      "use --json");
}

int run(int argc, char** argv) {
  if (argc > 1 && argv[1] == std::string_view(kCompleteVerb)) {
    print(completions({argv + 2, argv + argc}));
    return kDone;
  }
  if (argc > 1 && argv[1] == std::string_view(kHookVerb)) {
    std::vector<const char*> words(argv, argv + argc);
    words[1] = hook_verb.name.data();
    return run_hook(parse(argc, words.data()));
  }
  const bool asked_from_elsewhere = argc > 1 && argv[1] == std::string_view(kProbeVerb);
  const Invocation invocation = asked_from_elsewhere ? parse(argc - 1, argv + 1) : parse(argc, argv);
  if (invocation.version) {
    print("gpupass " GPUPASS_VERSION "\n");
    return kDone;
  }
  if (invocation.help) {
    print(help(invocation.verb));
    return kDone;
  }
  if (asked_from_elsewhere) return print_host(invocation);
  if (invocation.has("host")) run_there(invocation, {argv + 1, argv + argc});
  if (invocation.has("hosts")) return run_on_fleet(invocation);
  expect_events(invocation);
  if (invocation.verb->effect == Effect::ChangesDevices) expect_this_machine(invocation);
  return invocation.verb->run(invocation);
}

int guarded_run(int argc, char** argv) {
  const Form form = form_asked(std::span(argv, static_cast<std::size_t>(argc)));
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    print_error(error, form);
    return exit_status(error.code());
  } catch (const std::exception& error) {
    print_error(Error(ErrorCode::System, "gpupass", fmt::format("cannot go on: {}", error.what())), form);
    return kFailed;
  }
}

}  // namespace
}  // namespace gpupass

int main(int argc, char** argv) {
  gpupass::secure_standard_streams();
  try {
    return gpupass::guarded_run(argc, argv);
  } catch (const gpupass::ReaderGone&) {
    return gpupass::kFailed;
  } catch (const std::exception& error) {  // Not even the error could be printed.
    std::fprintf(stderr, "gpupass: %s\n", error.what());
    return gpupass::kFailed;
  }
}
