// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include "change/kind.hpp"
#include "values/error.hpp"
#include "values/tunables.hpp"

namespace gpupass {

/// A tunable of the running host.
template <>
struct Kind<SetTunable> : PlainKind {
  static constexpr const char* kName = "tunable";

  static void fields(auto& visit, auto& change) {
    visit("tuning", change.tunable.kind);
    visit("name", change.tunable.name);
    visit("value", change.value);
  }

  static std::string words(const SetTunable& change) {
    const bool any_cpu = change.tunable.kind == Tuning::Services && change.value.empty();
    return fmt::format("set {} to {}", name_of(change.tunable), any_cpu ? "all" : change.value);
  }

  static std::string subject(const SetTunable& change) { return path_of(change.tunable); }

  static std::set<std::string> locks(const SetTunable&) { return {lock_of_tuning()}; }

  /// The names become parts of paths, and words of a command.
  static void require_well_formed(const SetTunable& change) {
    if (!can_be(change.tunable, change.value))
      throw failure(ErrorCode::Malformed, "plan a change of", "tunables",
                    fmt::format("{:?} for {:?}", change.value, change.tunable.name),
                    "a tunable and its value");
  }

  static void effect(Host& host, const SetTunable& change) {
    if (!host.tunables) return;
    for (TunableState& state : *host.tunables)
      if (state.tunable == change.tunable) state.value = change.value;
  }
};

}  // namespace gpupass
