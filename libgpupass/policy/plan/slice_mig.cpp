// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/slice_types.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/mig_cards.hpp"
#include "policy/slice/mig_guards.hpp"
#include "policy/slice/mig_now.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Whether instances that there are may be placed anew.
enum class MigMoves { No, Yes };

/// "3g.71gb:4": as `slice destroy --mig` and `slices --have` take it.
std::string place_text(const MigInstance& instance) {
  return fmt::format("{}:{}", instance.profile, instance.start);
}

std::string places_text(const std::vector<MigInstance>& instances) {
  std::vector<std::string> places;
  std::ranges::transform(instances, std::back_inserter(places), place_text);
  return fmt::format("{}", fmt::join(places, ","));
}

const MigGpuInstance& instance_at(const PciFunction& gpu, const MigInstance& place) {
  return *std::ranges::find(gpu.mig->instances, place.start, &MigGpuInstance::start);
}

/// @throws Error Refused where nothing can be said, or done, of its MIG.
const PciFunction& expect_mig(const Host& host, PciAddress address) {
  const std::string name = address.to_string();
  const PciFunction& gpu = function_at(host, address);
  if (const auto finding = wedged_finding(host, address)) refuse(kSliceVerb, name, {*finding});
  if (gpu.mig.absent())
    refuse(kSliceVerb, name,
           gpu.driver == Fact<std::string>("nvidia")
               ? "NVIDIA's driver says that it can have no MIG"
               : "only NVIDIA's driver tells and changes MIG, and it does not have the GPU",
           on_vfio(gpu) ? "gpupass release " + name + ", when no guest needs it" : "");
  if (!gpu.mig) refuse(kSliceVerb, name, "its MIG is not known: " + why_unknown(gpu.mig), kRunAsRoot);
  if (gpu.mig->enabled != gpu.mig->pending)
    refuse(kSliceVerb, name,
           fmt::format("its MIG mode is {}, and after its next reset {}", gpu.mig->enabled ? "on" : "off",
                       gpu.mig->pending ? "on" : "off"),
           fmt::format("nvidia-smi -i {} -mig {} takes that back", name, gpu.mig->enabled ? 1 : 0));
  return gpu;
}

void add_mode_step(Plan& plan, const PciFunction& gpu, bool on) {
  const std::string name = gpu.address.to_string();
  plan.steps.push_back({fmt::format("switch the MIG mode of {} {}", name, on ? "on" : "off"),
                        is_reset_for_mig(gpu) ? "the driver resets the GPU for it"
                                              : "the driver needs the GPU for itself meanwhile",
                        SetMigMode{gpu.address, on}, SetMigMode{gpu.address, !on}});
}

void add_instance_step(Plan& plan, const PciFunction& gpu, const MigInstance& place,
                       std::vector<MigSpan> compute, bool present, const char* reason) {
  const SetMigInstance change{gpu.address, place.profile,      place.profile_id, place.start,
                              place.size,  std::move(compute), present};
  SetMigInstance undo = change;
  undo.present = !present;
  plan.steps.push_back({fmt::format("{} the MIG instance {} of {}", present ? "make" : "remove",
                                    place_text(place), gpu.address.to_string()),
                        reason, change, std::move(undo)});
}

void add_removal(Plan& plan, const PciFunction& gpu, const MigInstance& place, const char* reason) {
  std::vector<MigSpan> compute;
  for (const MigComputeInstance& each : *instance_at(gpu, place).compute) compute.push_back(each.span);
  add_instance_step(plan, gpu, place, std::move(compute), false, reason);
}

/// With one compute instance, which has all of it.
void add_creation(Plan& plan, const PciFunction& gpu, const MigInstance& place) {
  const MigCard& card = *find_mig_card(gpu);
  const auto profile = std::ranges::find(card.profiles, place.profile_id, &MigProfile::id);
  add_instance_step(plan, gpu, place, {{0, profile->compute_slices}}, true, kAskedFor);
}

/// What goes must not be in use, and neither must a GPU whose mode changes.
void expect_free(const Host& host, const PciFunction& gpu, const std::vector<MigInstance>& removed,
                 bool changes_mode) {
  std::vector<Finding> reasons;
  if (changes_mode || !removed.empty()) reasons = vgpus_on(host, gpu);
  if (changes_mode) std::ranges::move(openers_of(host, gpu), std::back_inserter(reasons));
  for (const MigInstance& place : removed)
    std::ranges::move(computing_on(gpu, instance_at(gpu, place), place_text(place)),
                      std::back_inserter(reasons));
  if (!reasons.empty()) refuse(kSliceVerb, gpu.address.to_string(), reasons);
}

void plan_fit(Plan& plan, const Host& host, const MigFit& fit) {
  const PciFunction& gpu = function_at(host, fit.gpu);
  const Mig& mig = *gpu.mig;
  const bool changes_mode = mig.enabled != fit.enabled;
  if (!changes_mode && fit.removed.empty() && fit.created.empty()) return;
  expect_free(host, gpu, fit.removed, changes_mode);
  assume_functions(plan, host, {fit.gpu});
  for (const MigInstance& place : fit.removed)
    add_removal(plan, gpu, place, fit.created.empty() ? kAskedFor : "others need its place");
  if (changes_mode) add_mode_step(plan, gpu, fit.enabled);
  for (const MigInstance& place : fit.created) add_creation(plan, gpu, place);
}

void note_mig(Plan& plan, const std::vector<MigFit>& fits) {
  const bool creates = std::ranges::any_of(fits, [](const MigFit& fit) { return !fit.created.empty(); });
  if (!creates) return;
  plan.notes.push_back("the next boot, and each reset of the GPU, forgets MIG instances");
  plan.notes.push_back("a MIG instance is no device: a guest gets one only as the place of a vGPU");
}

void expect_in_place(const MigFit& fit, MigMoves moves) {
  if (moves == MigMoves::Yes || fit.removed.empty()) return;
  refuse(
      kSliceVerb, fit.gpu.to_string(),
      {{"slice.mig", Verdict::Fail, fit.gpu.to_string(),
        fmt::format("{} has room for all of them only if {} goes first", fit.card, places_text(fit.removed)),
        fmt::format("gpupass slice destroy {} --mig {}", fit.gpu.to_string(), places_text(fit.removed))}});
}

Plan plan_wishes(const Host& host, std::vector<MigWish> wishes, MigMoves moves) {
  for (MigWish& wish : wishes) {
    expect_mig(host, wish.gpu);
    wish.existing = mig_instances(host, wish.gpu);
  }
  const std::vector<MigFit> fits = fit_mig(host, wishes);
  Plan plan;
  for (const MigFit& fit : fits) {
    expect_in_place(fit, moves);
    plan_fit(plan, host, fit);
  }
  note_mig(plan, fits);
  return plan;
}

void expect_asked_for_mig(const Host& host, const std::string& subject) {
  expect_asked(host, needs(Verb::Slice), kSliceVerb, subject);
}

bool has_uuid(const MigGpuInstance& instance, const std::string& uuid) {
  for (const MigComputeInstance& each : instance.compute.value_or({}))
    if (each.uuid == Fact<std::string>(uuid)) return true;
  return false;
}

/// By its profile and place, by its profile alone, by its id, or by a UUID.
bool goes_by(const PciFunction& gpu, const MigInstance& place, const std::string& name) {
  const MigGpuInstance& instance = instance_at(gpu, place);
  return name == place_text(place) || name == place.profile || has_uuid(instance, name) ||
         (instance.id && name == fmt::to_string(*instance.id));
}

MigInstance instance_called(const PciFunction& gpu, const std::vector<MigInstance>& instances,
                            const std::string& name) {
  std::vector<MigInstance> found;
  for (const MigInstance& place : instances)
    if (goes_by(gpu, place, name)) found.push_back(place);
  if (found.size() == 1) return found.front();
  throw Error(ErrorCode::NotFound, name,
              fmt::format("cannot {} {}: saw {} MIG instances called {}, expected one", kSliceVerb,
                          gpu.address.to_string(), found.empty() ? "no" : fmt::to_string(found.size()), name),
              instances.empty() ? "it has no MIG instances" : "it has " + places_text(instances));
}

}  // namespace

Plan plan_mig(const Host& host, const std::vector<MigWish>& wishes) {
  std::vector<PciAddress> gpus;
  std::ranges::transform(wishes, std::back_inserter(gpus), &MigWish::gpu);
  expect_asked_for_mig(host, addresses_text(gpus));
  return plan_wishes(host, wishes, MigMoves::Yes);
}

Plan plan_mig_create(const Host& host, PciAddress address, const std::vector<std::string>& profiles) {
  expect_asked_for_mig(host, address.to_string());
  MigWish wish{.gpu = address, .profiles = profiles};
  for (const MigInstance& place : mig_instances(host, address)) wish.profiles.push_back(place.profile);
  return plan_wishes(host, {wish}, MigMoves::No);
}

Plan plan_mig_destroy(const Host& host, PciAddress address, const std::vector<std::string>& names) {
  expect_asked_for_mig(host, address.to_string());
  const PciFunction& gpu = expect_mig(host, address);
  const std::vector<MigInstance> instances = mig_instances(host, address);
  std::vector<MigInstance> removed = names.empty() ? instances : std::vector<MigInstance>();
  for (const std::string& name : names)
    if (const MigInstance place = instance_called(gpu, instances, name);
        std::ranges::find(removed, place) == removed.end())
      removed.push_back(place);
  if (removed.empty()) return {};
  expect_free(host, gpu, removed, /*changes_mode=*/false);
  Plan plan;
  assume_functions(plan, host, {address});
  for (const MigInstance& place : removed) add_removal(plan, gpu, place, kAskedFor);
  return plan;
}

}  // namespace gpupass
