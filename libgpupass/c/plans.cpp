// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "c/guard.hpp"
#include "c/operation.hpp"
#include "c/options.hpp"
#include "c/request.hpp"
#include "codec/document.hpp"
#include "codec/options.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"

using namespace gpupass;

namespace gpupass {

Operation operation_named(const System& system, const char* id) {
  const std::string name = given_text(id, "an operation");
  const std::vector<Operation> all = read_journal(system);
  const auto found = std::ranges::find(all, name, &Operation::id);
  if (found == all.end())
    throw Error(ErrorCode::NotFound, name,
                fmt::format("cannot find {}: the journal has no such operation", name),
                "gpupass_journal() lists them");
  return *found;
}

}  // namespace gpupass

namespace {

PlanOptions plan_options(const char* options) {
  return options_from_json<PlanOptions>(options_text(options), "options");
}

System& machine(gpupass_system* system) {
  return *given(system, "a system").system;
}

DomainXml guest_named(System& system, const char* name) {
  const std::string guest = given_text(name, "a guest's name");
  const Fact<DomainXml> domain = domain_named(system, guest);
  if (domain) return *domain;
  throw Error(ErrorCode::NotFound, guest, fmt::format("cannot plan: there is no domain '{}'", guest),
              "virsh list --all lists them");
}

/// A plan of the GPUs of a guest.
template <typename Make>
char* plan_for_guest(gpupass_system* system, const gpupass_host* host, const char* guest,
                     const char* const* devices, const char* options, gpupass_error** error,
                     const Make& make) {
  return guarded(error, [&] {
    const PlanOptions chosen = plan_options(options);
    const Host& seen = given(host, "a host").host;
    const DomainXml domain = guest_named(machine(system), guest);
    return text_for_c(to_json(make(seen, domain, devices_named(seen, texts_in(devices)), chosen)));
  });
}

using PlanOfGuest = Plan (*)(const Host&, const DomainXml&, const std::vector<DeviceId>&,
                             const AttachOptions&);

auto with_attach_options(PlanOfGuest plan) {
  return [plan](const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                const PlanOptions& chosen) { return plan(host, domain, devices, attach_options(chosen)); };
}

}  // namespace

char* gpupass_plan_bind(const gpupass_host* host, const char* const* gpus, const char* options,
                        gpupass_error** error) {
  return guarded(error, [&] {
    const PlanOptions chosen = plan_options(options);
    const Host& seen = given(host, "a host").host;
    const auto plan = chosen.at_boot ? plan_bind_at_boot : plan_bind;
    return text_for_c(to_json(plan(seen, gpus_named(seen, texts_in(gpus)), bind_options(chosen))));
  });
}

char* gpupass_plan_release(const gpupass_host* host, const char* const* gpus, const char* options,
                           gpupass_error** error) {
  return guarded(error, [&] {
    const PlanOptions chosen = plan_options(options);
    const Host& seen = given(host, "a host").host;
    std::vector<std::string> names = texts_in(gpus);
    if (!chosen.at_boot) return text_for_c(to_json(plan_release(seen, gpus_named(seen, names))));
    const std::vector<PciAddress> unplugged = take_unplugged(seen, names);
    return text_for_c(to_json(plan_release_at_boot(seen, gpus_named(seen, names), unplugged)));
  });
}

char* gpupass_plan_define(gpupass_system* system, const gpupass_host* host, const char* definition,
                          const char* options, gpupass_error** error) {
  return guarded(error, [&] {
    const PlanOptions chosen = plan_options(options);
    const auto made =
        from_json_document<MadeDefinition>("definition", given_text(definition, "a definition"));
    expect_sound(made);
    const Fact<DomainXml> existing = domain_named(machine(system), made.request.name);
    if (existing && !chosen.replace)
      throw Error(ErrorCode::Refused, made.request.name,
                  fmt::format("cannot define {0}: there is a guest {0}, and its definition would be lost",
                              made.request.name),
                  "the option \"replace\" puts the new one in its place");
    return text_for_c(to_json(plan_define(given(host, "a host").host,
                                          {.name = made.request.name,
                                           .xml = made.xml,
                                           .placement = made.placement,
                                           .existing = existing ? std::optional(*existing) : std::nullopt,
                                           .start = chosen.start ? Start::Yes : Start::No,
                                           .bind = bind_options(chosen)})));
  });
}

char* gpupass_plan_attach(gpupass_system* system, const gpupass_host* host, const char* guest,
                          const char* const* devices, const char* options, gpupass_error** error) {
  return plan_for_guest(system, host, guest, devices, options, error, with_attach_options(plan_attach));
}

char* gpupass_plan_detach(gpupass_system* system, const gpupass_host* host, const char* guest,
                          const char* const* devices, const char* options, gpupass_error** error) {
  return plan_for_guest(system, host, guest, devices, options, error, with_attach_options(plan_detach));
}

char* gpupass_plan_give(gpupass_system* system, const gpupass_host* host, const char* guest,
                        const char* const* gpus, const char* options, gpupass_error** error) {
  return plan_for_guest(
      system, host, guest, gpus, options, error,
      [](const Host& seen, const DomainXml& domain, const auto& devices, const PlanOptions& chosen) {
        return plan_give(seen, domain, devices,
                         {.start = chosen.start ? Start::Yes : Start::No,
                          .at_boot = chosen.at_boot,
                          .attach = attach_options(chosen)});
      });
}

char* gpupass_plan_take(gpupass_system* system, const gpupass_host* host, const char* guest,
                        const char* const* gpus, const char* options, gpupass_error** error) {
  return plan_for_guest(system, host, guest, gpus, options, error, with_attach_options(plan_take));
}

char* gpupass_plan_undo(gpupass_system* system, const gpupass_host* host, const char* operation,
                        gpupass_error** error) {
  return guarded(error, [&] {
    const Plan plan = plan_undo(machine(system), operation_named(machine(system), operation));
    guard_undo(given(host, "a host").host, plan);
    return text_for_c(to_json(plan));
  });
}

char* gpupass_plan_recovery(gpupass_system* system, const gpupass_host* host, const char* operation,
                            gpupass_error** error) {
  return guarded(error, [&] {
    const Plan plan = plan_recovery(machine(system), operation_named(machine(system), operation));
    guard_recovery(given(host, "a host").host, plan);
    return text_for_c(to_json(plan));
  });
}
