// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/refuse.hpp"
#include "policy/state/recorded_slices.hpp"
#include "policy/state/slices.hpp"
#include "values/own_files.hpp"

namespace gpupass {

namespace {

constexpr auto kBootVerb = "cut";

/// libvirt starts no guest before this is done, and must not be asked: it may wait for it.
Host before_guests(const Host& host) {
  Host seen = host;
  seen.domains = Absent{};
  return seen;
}

/// The kernel goes from one number of virtual functions to another through 0.
void expect_nothing_lost(const PciFunction& gpu, const DeclaredSlices& slices) {
  if (!slices.vfs || !gpu.sriov || gpu.sriov->vfs == 0 || gpu.sriov->vfs == *slices.vfs) return;
  refuse(kBootVerb, gpu.address.to_string(),
         fmt::format("it has {} virtual functions already, and is declared to have {}", gpu.sriov->vfs,
                     *slices.vfs),
         "gpupass apply FILE makes it so, if nobody needs those");
}

Plan plan_one(const Host& host, const FoundGpu& gpu) {
  const DeclaredCut cut(host, *gpu.declared, gpu.function->address);
  if (auto impossible = cut.impossible(); !impossible.empty())
    refuse(kBootVerb, gpu.function->address.to_string(), impossible);
  expect_nothing_lost(*gpu.function, cut.slices());
  Plan first = cut.groundwork(Surplus::Keep);
  return first.steps.empty() ? cut.rest({}, Surplus::Keep) : first;
}

}  // namespace

BootPlans plan_boot_slices(const Host& host) {
  Parts parts = needs(Verb::State);
  parts.domains = false;
  expect_asked(host, parts, kBootVerb, "GPUs");
  const Host seen = before_guests(host);
  const Fact<std::vector<DeclaredGpu>> recorded = recorded_slices(seen);
  if (!recorded)
    refuse(kBootVerb, "GPUs", fmt::format("what is recorded is not known: {}", recorded.why()),
           fmt::format("remove {}, and apply the declared state again", kSlicesFile));
  State state;
  state.gpus = *recorded;
  const FoundGpus found = find_declared(seen, state);
  BootPlans result;
  result.findings = found.findings;
  for (const FoundGpu& gpu : found.gpus) try {
      if (Plan plan = plan_one(seen, gpu); !plan.steps.empty()) result.plans.push_back(std::move(plan));
    } catch (const Error& error) {
      result.refusals.push_back(error);
    }
  return result;
}

}  // namespace gpupass
