// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "apply/perform.hpp"
#include "values/error.hpp"

/// NVIDIA's Multi-Instance GPU, by the driver's management library.
namespace gpupass {

namespace {

Mig mig_of(const System& system, PciAddress device) {
  const auto answers = system.ask(MigQuestion{{device}});
  const Fact<Mig> mig = answers && !answers->empty() ? answers->front().mig : answers.without_value<Mig>();
  if (!mig)
    throw failure(ErrorCode::System, "read the MIG mode of", device.to_string(),
                  mig.unknown() ? mig.why() : "none", "on or off");
  return *mig;
}

std::string mode_words(const Mig& mig) {
  const char* now = mig.enabled ? "on" : "off";
  if (mig.enabled == mig.pending) return now;
  return fmt::format("{}, and {} after a reset of the GPU", now, mig.pending ? "on" : "off");
}

std::vector<MigSpan> spans_of(const MigGpuInstance& instance, const SetMigInstance& change) {
  if (!instance.compute)
    throw failure(ErrorCode::System, "read the MIG instances of", change.device.to_string(),
                  instance.compute.why(), "their compute instances");
  std::vector<MigSpan> spans;
  for (const MigComputeInstance& each : *instance.compute) spans.push_back(each.span);
  return spans;
}

bool is_as_asked(const Mig& mig, const SetMigInstance& change) {
  const auto there = std::ranges::find_if(mig.instances, [&](const MigGpuInstance& instance) {
    return instance.start == change.start && instance.profile_id == change.profile_id;
  });
  if (there == mig.instances.end() || !change.present)
    return (there == mig.instances.end()) != change.present;
  return spans_of(*there, change) == change.compute;
}

}  // namespace

/// A mode that is pending is not reached: some drivers leave it so where the GPU is in use.
void perform(Access& access, const SetMigMode& change) {
  const auto now = [&] { return mig_of(access.look(), change.device); };
  const auto reached = [&](const Mig& mig) { return mig.enabled == change.on && mig.pending == change.on; };
  if (reached(now())) return;
  access.touch().carry_out(MigModeOrder{change.device, change.on});
  if (const Mig then = now(); !reached(then))
    throw failure(ErrorCode::System, "set the MIG mode of", change.device.to_string(), mode_words(then),
                  change.on ? "on" : "off");
}

void perform(Access& access, const SetMigInstance& change) {
  const auto reached = [&] { return is_as_asked(mig_of(access.look(), change.device), change); };
  if (reached()) return;
  access.touch().carry_out(MigInstanceOrder{change.device, change.profile_id, change.start, change.size,
                                            change.compute, change.present});
  if (!reached())
    throw failure(ErrorCode::System, change.present ? "make" : "remove",
                  fmt::format("{}:{} of {}", change.profile, change.start, change.device.to_string()),
                  "other MIG instances there", change.present ? "it with its compute instances" : "none");
}

}  // namespace gpupass
