// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <utility>

#include "carry_out.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "options/choice_option.hpp"
#include "options/number_option.hpp"
#include "options/request_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

constexpr unsigned kMostGuests = 1024;

void describe_prepare(po::options_description& options) {
  auto add = options.add_options();
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("fix", po::value<std::vector<std::string>>()->value_name("ID"),
      "mend this finding of check, and nothing else; may be repeated");
  add("guests", text("N"), "reserve huge pages for so many guests");
  add("gpus", text("N"), "the GPUs of each of them (1)");
  add("memory", text("SIZE"), "the memory of each of them, as 200G");
  add("hugepages", text("SIZE"), "2M or 1G (1G, if the memory is a multiple)");
  add("at-boot", "leave the memory of this boot as it is");
  add("undo", "take back what prepare set");
}

/// Options that say more of guests. @throws Error Usage without guests.
void expect_guests(const Invocation& invocation) {
  for (const char* option : {"gpus", "memory", "hugepages"})
    if (invocation.has(option) && !invocation.has("guests"))
      refuse_beside(option, "guests", "saw the first without the second, expected both",
                    "gpupass prepare --guests 4 --gpus 2 --memory 200G");
}

std::optional<WantedGuests> wanted_guests(const Invocation& invocation) {
  expect_guests(invocation);
  const auto count = number_option(invocation, "guests", 1, kMostGuests);
  if (!count) return std::nullopt;
  const auto memory = memory_option(invocation);
  if (!memory)
    refuse_beside("guests", "memory", "saw the first without the second, expected both",
                  "gpupass prepare --guests 4 --gpus 2 --memory 200G");
  const auto page_size = choice_option<std::uint64_t>(
      invocation, "hugepages", {{"2M", std::uint64_t{2} << 20}, {"1G", std::uint64_t{1} << 30}});
  return WantedGuests{*count, number_option(invocation, "gpus", 1, kMostGpus).value_or(1), *memory,
                      page_size.value_or(0)};
}

void expect_undo_alone(const Invocation& invocation) {
  for (const char* option : {"fix", "guests", "at-boot"})
    if (invocation.has(option))
      refuse_beside("undo", option, "saw both, expected one of them",
                    "gpupass prepare --undo takes all back");
}

int run_prepare(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const bool undo = invocation.has("undo");
  if (undo) expect_undo_alone(invocation);
  const PrepareRequest request{invocation.all("fix"), wanted_guests(invocation),
                               invocation.has("at-boot") ? PagesNow::Leave : PagesNow::Reserve};
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Prepare));
    Plan plan = undo ? plan_prepare_undo(host) : plan_prepare(host, request);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command prepare_verb = {
    .name = "prepare",
    .arguments = "",
    .summary = "Make the host ready for guests with GPUs, at every boot",
    .example = "prepare --guests 4 --gpus 2 --memory 200G",
    .effect = Effect::ChangesDevices,
    .describe = describe_prepare,
    .later = {},
    .run = run_prepare,
};

}  // namespace gpupass
