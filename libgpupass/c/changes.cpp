// SPDX-License-Identifier: LGPL-2.1-or-later
#include "c/guard.hpp"
#include "c/operation.hpp"
#include "change/json.hpp"
#include "codec/document.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"

using namespace gpupass;

namespace {

/// Tells a function of C what happens.
Progress progress_for(gpupass_on_event on_event, void* data) {
  if (!on_event) return {};
  return [=](const Event& event) { return on_event(to_json(event).c_str(), data) == 0 ? Go::On : Go::Back; };
}

}  // namespace

char* gpupass_apply(gpupass_system* system, const char* plan, gpupass_on_event on_event, void* data,
                    gpupass_error** error) {
  return guarded(error, [&] {
    return text_for_c(
        to_json(apply(*given(system, "a system").system, plan_from_json(given_text(plan, "a plan")),
                      progress_for(on_event, data))));
  });
}

char* gpupass_journal(const gpupass_system* system, gpupass_error** error) {
  return guarded(error, [&] {
    return text_for_c(json_document("operations", read_journal(*given(system, "a system").system)));
  });
}

char* gpupass_recover(gpupass_system* system, const gpupass_host* host, const char* operation,
                      gpupass_on_event on_event, void* data, gpupass_error** error) {
  return guarded(error, [&] {
    System& machine = *given(system, "a system").system;
    const Operation interrupted = operation_named(machine, operation);
    guard_recovery(given(host, "a host").host, plan_recovery(machine, interrupted));
    return text_for_c(to_json(recover(machine, interrupted, progress_for(on_event, data))));
  });
}
