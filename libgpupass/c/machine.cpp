// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "c/guard.hpp"
#include "c/options.hpp"
#include "codec/options.hpp"
#include "gpupass/capture.hpp"
#include "gpupass/json.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"

using namespace gpupass;

namespace {

constexpr auto kVerbs = std::to_array<std::pair<std::string_view, Verb>>({{"list", Verb::List},
                                                                          {"show", Verb::Show},
                                                                          {"groups", Verb::Groups},
                                                                          {"topology", Verb::Topology},
                                                                          {"check", Verb::Check},
                                                                          {"check-domain", Verb::CheckDomain},
                                                                          {"status", Verb::Status},
                                                                          {"place", Verb::Place},
                                                                          {"bind", Verb::Bind},
                                                                          {"release", Verb::Release},
                                                                          {"define", Verb::Define},
                                                                          {"attach", Verb::Attach},
                                                                          {"detach", Verb::Detach},
                                                                          {"give", Verb::Give},
                                                                          {"take", Verb::Take},
                                                                          {"recover", Verb::Recover},
                                                                          {"undo", Verb::Undo},
                                                                          {"boot", Verb::Boot},
                                                                          {"assert", Verb::Assert},
                                                                          {"apply", Verb::State},
                                                                          {"slices", Verb::Slices},
                                                                          {"slice", Verb::Slice},
                                                                          {"prepare", Verb::Prepare},
                                                                          {"tune", Verb::Tune},
                                                                          {"quarantine", Verb::Quarantine}});

Parts parts_for(const char* verb) {
  if (!verb) return Parts::everything();
  std::vector<std::string_view> names;
  for (const auto& [name, value] : kVerbs) {
    if (name == verb) {
      const bool is_declaration = value == Verb::Assert || value == Verb::State;
      return needs(value) | Parts{.mig = is_declaration};  // It is not known yet whether it declares any.
    }
    names.push_back(name);
  }
  throw Error(ErrorCode::Usage, "verb",
              fmt::format("cannot probe: saw '{}', expected one of {}", verb, fmt::join(names, ", ")));
}

}  // namespace

gpupass_system* gpupass_open(const char* options, gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<OpenOptions>(options_text(options), "options");
    return new gpupass_system{open_system(system_options(chosen))};
  });
}

void gpupass_close(gpupass_system* system) {
  delete system;
}

gpupass_host* gpupass_probe(const gpupass_system* system, const char* verb, const char* const* names,
                            gpupass_error** error) {
  return guarded(error, [&] {
    const std::vector<std::string> named = texts_in(names);
    const ProbeOptions options{.parts = parts_for(verb) | needs_to_find(named),
                               .named = named_addresses(named)};
    return new gpupass_host{probe(*given(system, "a system").system, options)};
  });
}

char* gpupass_capture(const gpupass_system* system, gpupass_error** error) {
  return guarded(error, [&] { return text_for_c(capture(*given(system, "a system").system).text); });
}

gpupass_host* gpupass_host_from_json(const char* host, gpupass_error** error) {
  return guarded(error, [&] { return new gpupass_host{host_from_json(given_text(host, "a host"))}; });
}

char* gpupass_host_to_json(const gpupass_host* host, gpupass_error** error) {
  return guarded(error, [&] { return text_for_c(to_json(given(host, "a host").host)); });
}

gpupass_host* gpupass_after(const gpupass_host* host, const char* plan, gpupass_error** error) {
  return guarded(error, [&] {
    return new gpupass_host{after(given(host, "a host").host, plan_from_json(given_text(plan, "a plan")))};
  });
}

void gpupass_host_free(gpupass_host* host) {
  delete host;
}
