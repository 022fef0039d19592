// SPDX-License-Identifier: LGPL-2.1-or-later
#include "c/guard.hpp"
#include "c/operation.hpp"
#include "c/options.hpp"
#include "c/request.hpp"
#include "codec/options.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"

/// Plans that are about the host itself.
using namespace gpupass;

char* gpupass_plan_prepare(const gpupass_host* host, const char* options, gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<PrepareOptions>(options_text(options), "options");
    const Host& seen = given(host, "a host").host;
    return text_for_c(
        to_json(chosen.undo ? plan_prepare_undo(seen) : plan_prepare(seen, prepare_request(chosen))));
  });
}

char* gpupass_plan_tune(const gpupass_host* host, const char* options, gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<TuneOptions>(options_text(options), "options");
    const Host& seen = given(host, "a host").host;
    return text_for_c(to_json(chosen.undo ? plan_tune_undo(seen) : plan_tune(seen)));
  });
}

char* gpupass_plan_quarantine(const gpupass_host* host, const char* const* gpus, const char* options,
                              gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<QuarantineOptions>(options_text(options), "options");
    const Host& seen = given(host, "a host").host;
    const std::vector<PciAddress> named = gpus_named(seen, texts_in(gpus));
    return text_for_c(to_json(chosen.release ? plan_quarantine_release(seen, named)
                                             : plan_quarantine(seen, named, chosen.reason)));
  });
}
