// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/state.hpp"

#include "c/guard.hpp"
#include "c/options.hpp"
#include "codec/document.hpp"
#include "codec/fields.hpp"
#include "codec/options.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"

using namespace gpupass;

namespace {

State state_given(const char* toml) {
  return parse_state(given_text(toml, "a declared state"), "state");
}

}  // namespace

char* gpupass_state(const gpupass_host* host, gpupass_error** error) {
  return guarded(error, [&] { return text_for_c(to_toml(state_of(given(host, "a host").host))); });
}

char* gpupass_compare_state(const gpupass_host* host, const char* toml, gpupass_error** error) {
  return guarded(error, [&] {
    return text_for_c(
        json_document("findings", compare_state(given(host, "a host").host, state_given(toml))));
  });
}

char* gpupass_plan_state(const gpupass_host* host, const char* toml, const char* options,
                         gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<PlanOptions>(options_text(options), "options");
    return text_for_c(
        to_json(plan_state(given(host, "a host").host, state_given(toml), bind_options(chosen))));
  });
}
