// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "policy/plan/slice_exact.hpp"

/// The instances of MIG that a GPU is declared to have, and has.
namespace gpupass {

/// As a declaration. Unknown also while the next reset changes the mode.
Fact<DeclaredMig> present_mig(const Host& host, const PciFunction& gpu);

/// The declaration as a wish of fit_mig(), which says what no card of this model can have.
MigWish wish_of(const DeclaredMig& mig, PciAddress gpu);

/// How it differs: "is declared to be in MIG mode, and is not". Empty: not at all; unknown with the reason.
Fact<std::string> mig_difference(const Host& host, const PciFunction& gpu, const DeclaredMig& mig);

/// From what it has to what is declared, which is otherwise. With Surplus::Keep nothing goes away, and the
/// mode is never switched off.
Plan plan_declared_mig(const Host& host, const PciFunction& gpu, const DeclaredMig& mig, Surplus surplus);

}  // namespace gpupass
