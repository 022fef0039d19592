// SPDX-License-Identifier: LGPL-2.1-or-later
// Records and documents: homes, the journal, boot bindings, plans, requests, and what is known of models.
#include "change/journal_file.hpp"
#include "codec/boot_file.hpp"
#include "codec/home_file.hpp"
#include "codec/models_file.hpp"
#include "codec/own_records.hpp"
#include "codec/preparation_files.hpp"
#include "fuzz.hpp"
#include "gpupass/json.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"

void gpupass::fuzz(std::string_view input) {
  attempt([&] {
    const Home home = parse_home_file({}, input);
    expect(parse_home_file({}, to_home_file(home)) == home);
  });
  attempt([&] {
    const auto bindings = parse_boot_file(input);
    std::string text = to_boot_file(bindings);
    if (!text.empty()) text.pop_back();
    expect(parse_boot_file(text) == bindings);
  });
  attempt([&] {
    if (const auto operation = operation_in("1763738700123456-4711", input))
      render_history_json({*operation});
  });
  ends_as_over(input);
  may_concern(input, {"device-0000:65:00.0"});
  attempt([&] {
    const Plan plan = plan_from_json(input);
    expect(plan_from_json(to_json(plan)) == plan);
    render_plan(plan);
    render_plan_json(plan);
  });
  attempt([&] {
    const std::string text = to_toml(parse_state(input, "fuzz"));
    expect(to_toml(parse_state(text, "fuzz")) == text);
  });
  attempt([&] {
    const Settings settings = parse_settings_file(input);
    if (const auto file = to_settings_file(settings)) expect(parse_settings_file(*file) == settings);
  });
  attempt([&] {
    const auto quarantine = parse_quarantine_file(input);
    if (const auto file = to_quarantine_file(quarantine)) expect(parse_quarantine_file(*file) == quarantine);
  });
  attempt([&] {
    const Tuned tuned = parse_tuned_file(input);
    if (const auto file = to_tuned_file(tuned)) expect(parse_tuned_file(*file) == tuned);
  });
  // What is read is the whole file, so it is written again as it was.
  attempt([&] { expect(to_grub_file(parse_grub_file(input)) == input); });
  attempt([&] { expect(to_modules_file(parse_modules_file(input)) == input); });
  attempt([&] { expect(to_pages_file(parse_pages_file(input)) == input); });
  attempt([&] { requests_from_json(input); });
  attempt([&] { parse_models(input); });
  attempt([&] { host_from_json(input); });
  attempt([&] { placement_from_json(input); });
  attempt([&] { report_from_json(input); });
}
