// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "system/tunable.hpp"
#include "values/error.hpp"
#include "values/tunables.hpp"

namespace gpupass {

namespace {

/// nullopt: an interrupt that is no longer there.
std::optional<std::string> present_value(const System& system, const Tunable& tunable) {
  const Fact<std::string> value = value_of(system, tunable);
  if (value) return *value;
  if (value.absent() && tunable.kind == Tuning::Interrupts) return std::nullopt;
  throw failure(ErrorCode::System, "read", path_of(tunable), value.unknown() ? value.why() : "no such file",
                "a value");
}

}  // namespace

void perform(Access& access, const SetTunable& change) {
  const Tunable& tunable = change.tunable;
  const auto is_set = [&] {
    const auto now = present_value(access.look(), tunable);
    return !now || *now == change.value;
  };
  if (is_set()) return;
  if (tunable.kind == Tuning::Services)
    access.touch().carry_out(AllowedCpusOrder{tunable.name, *CpuSet::parse(change.value)});
  else
    access.touch().write(path_of(tunable), change.value);
  if (!is_set())
    throw failure(ErrorCode::System, "set", name_of(tunable),
                  present_value(access.look(), tunable).value_or("nothing"), change.value);
}

}  // namespace gpupass
