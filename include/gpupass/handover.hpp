// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// The way of a GPU from one tenant to the next: three plans, applied one after another. They are not one
/// plan, because the undo of a reset that failed must not free the GPU. Whatever ends the hand-over after the
/// first of them leaves the GPU in quarantine.
struct HandoverPlans {
  Plan begin;  ///< Into quarantine, as unproven.
  Plan reset;  ///< Each function of the card that can be reset alone.
  Plan end;    ///< Out of quarantine. It is for a GPU that passed: plan_handover_end() says so.
  friend bool operator==(const HandoverPlans&, const HandoverPlans&) = default;
};
/// All their steps as one plan, to be shown: never to be applied.
Plan shown_as_one(const HandoverPlans& plans);

/// What became of a GPU between two tenants.
struct Handover {
  PciAddress gpu;
  std::vector<PciAddress> functions;  ///< Of its card, ascending.
  std::vector<Finding> findings;
  Answer proven = Answer::Unknown;  ///< The next tenant can have it. No: a finding fails. Unknown: one is.
  Answer former_tenant_bound = Answer::Unknown;  ///< A guest is still defined with it.
  Report report;                                 ///< Of the reset; at last of all three plans.
  friend bool operator==(const Handover&, const Handover&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
