// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "codec/own_records.hpp"
#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/kernel_option.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/plan/preparation.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/prepare/preparation.hpp"
#include "policy/refuse.hpp"
#include "policy/settings.hpp"
#include "policy/state/declared.hpp"
#include "policy/state/recorded_slices.hpp"
#include "policy/state/slices.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/declared_slices.hpp"
#include "values/own_files.hpp"
#include "values/sameness.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kState = "the declared state";

/// A way in which the host differs from a declaration.
class Difference {
 public:
  Difference(const Host& host, const State& state)
      : host_(host), found_(find_declared(host, state)), preparation_(state.preparation) {
    settings_ = declared_settings(state, found_.gpus);
  }

  std::vector<Finding> findings();
  Plan plan(const BindOptions& options);

 private:
  void compare(const FoundGpu& gpu);
  void compare_settings();
  void compare_slices();
  void compare_preparation();
  void add(const char* id, Verdict verdict, const FoundGpu& gpu, const std::string& message);
  /// The declared GPUs that are not used so.
  std::vector<PciAddress> not_in(GpuUse use) const;
  std::vector<PciAddress> not_bound_at_boot(bool wanted) const;
  /// What is declared of slices, on a host as it is in the middle of a plan.
  std::vector<DeclaredCut> cuts(const Host& now) const;
  /// What the slices need first. Empty: they can be planned.
  Plan plan_for_slices(const std::vector<PciAddress>& released) const;
  void record_slices(Plan& plan) const;

  const Host& host_;
  FoundGpus found_;
  Settings settings_;
  std::optional<Preparation> preparation_;
  std::vector<Finding> findings_;
};

std::string in_words(GpuUse use) {
  return use == GpuUse::Whole ? "for guests as a whole" : "with the host";
}

std::string present_use(const PciFunction& gpu) {
  if (gpu.driver.absent()) return "has no driver";
  return gpu.driver ? "is on " + *gpu.driver
                    : fmt::format("is on an unknown driver: {}", why_unknown(gpu.driver));
}

void Difference::add(const char* id, Verdict verdict, const FoundGpu& gpu, const std::string& message) {
  const std::string place = gpu.declared->where.empty() ? "" : gpu.declared->where + ": ";
  findings_.push_back({id, verdict, gpu.function->address.to_string(),
                       fmt::format("{}{} {}", place, gpu.declared->key, message),
                       "gpupass apply FILE makes it so"});
}

void Difference::compare(const FoundGpu& gpu) {
  const auto& wanted = gpu.declared->use;
  const std::optional<GpuUse> use = use_of(host_, *gpu.function);
  const bool known = gpu.function->driver || gpu.function->driver.absent();
  if (wanted && use != wanted)
    add("state.use", known ? Verdict::Fail : Verdict::Unknown, gpu,
        fmt::format("is declared to be {}, and {}{}", in_words(*wanted), present_use(*gpu.function),
                    !use && known ? ", while not all that moves with it is" : ""));
  const std::optional<bool> boot = boot_of(*gpu.declared);
  if (!boot) return;
  if (!host_.boot_bindings)
    add("state.boot", Verdict::Unknown, gpu,
        fmt::format("may be bound at boot or not: {}", why_unknown(host_.boot_bindings)));
  else if (boot_use_of(host_, *gpu.function) != boot)
    add("state.boot", Verdict::Fail, gpu,
        *boot ? "is declared to be bound at boot, and no boot binds all of it"
              : "is declared not to be bound at boot, and each boot binds it, or a part of it");
}

void Difference::compare_settings() {
  const bool known = host_.settings || host_.settings.absent();
  if (known && settings_of(host_) == settings_) return;
  findings_.push_back(
      {"state.settings", known ? Verdict::Fail : Verdict::Unknown, "host",
       known ? "names, reserved CPUs, services, defaults or tuning are not those declared"
             : fmt::format("the settings of this host are not known: {}", why_unknown(host_.settings)),
       "gpupass apply FILE makes it so"});
}

/// Options that stand in a file of the user's are declared too: the kernel tells of them.
void Difference::compare_preparation() {
  if (!preparation_) return;
  const auto add_of_boot = [&](Verdict verdict, const std::string& message, const char* remedy) {
    findings_.push_back({"state.preparation", verdict, "host", message, remedy});
  };
  Fact<Preparation> written = preparation_of(host_);
  if (written && !writes_kernel_options(host_)) written->kernel_options = preparation_->kernel_options;
  if (!written)
    add_of_boot(Verdict::Unknown, fmt::format("what every boot does is not known: {}", why_unknown(written)),
                kRunAsRoot);
  else if (*written != *preparation_)
    add_of_boot(Verdict::Fail, "what every boot does is not what is declared",
                "gpupass apply FILE makes it so");
  else if (const auto missing = not_in_effect(host_, *preparation_); !missing.empty())
    add_of_boot(Verdict::Fail, fmt::format("this boot is not as declared: {}", fmt::join(missing, "; ")),
                "reboot the host; gpupass apply FILE says what else there is to do");
}

/// The plan that makes slices records them too.
void Difference::compare_slices() {
  const Fact<std::vector<DeclaredGpu>> recorded = recorded_slices(host_);
  for (const DeclaredCut& cut : cuts(host_)) {
    std::ranges::move(cut.impossible(), std::back_inserter(findings_));
    std::vector<Finding> differences = cut.differences();
    const bool differs = same_as_declared(differences) == Answer::No;
    std::ranges::move(differences, std::back_inserter(findings_));
    if (differs) continue;
    const auto record = record_of(function_at(host_, cut.gpu()), cut.named(host_));
    if (!recorded)
      findings_.push_back(cut.finding_of_boot(
          Verdict::Unknown, fmt::format("has slices that boots make or not: {}", recorded.why())));
    else if (!is_recorded(*recorded, cut.gpu(), record))
      findings_.push_back(cut.finding_of_boot(
          Verdict::Fail, record ? "is declared to be cut so at every boot, and that is not recorded"
                                : "is declared not to be cut at boot, and each boot cuts it"));
  }
}

std::vector<Finding> Difference::findings() {
  findings_ = found_.findings;
  for (const FoundGpu& gpu : found_.gpus) compare(gpu);
  compare_slices();
  compare_settings();
  compare_preparation();
  return findings_;
}

std::vector<PciAddress> Difference::not_in(GpuUse use) const {
  std::vector<PciAddress> gpus;
  for (const FoundGpu& gpu : found_.gpus)
    if (gpu.declared->use == use && use_of(host_, *gpu.function) != use)
      gpus.push_back(gpu.function->address);
  return gpus;
}

std::vector<PciAddress> Difference::not_bound_at_boot(bool wanted) const {
  std::vector<PciAddress> gpus;
  for (const FoundGpu& gpu : found_.gpus)
    if (boot_of(*gpu.declared) == wanted && boot_use_of(host_, *gpu.function) != wanted)
      gpus.push_back(gpu.function->address);
  return gpus;
}

/// The step that writes the settings, if they are others.
Plan plan_settings(const Host& host, const Settings& wanted) {
  const std::string path(kSettingsFile);
  if (!host.settings && !host.settings.absent())
    refuse("apply", kState,
           fmt::format("the settings of this host are not known: {}", why_unknown(host.settings)),
           fmt::format("run it as root; if {} is damaged, remove it and apply again", path));
  const std::optional<std::string> before = to_settings_file(settings_of(host)),
                                   after = to_settings_file(wanted);
  Plan plan;
  if (before != after)
    add_file_step(plan, "record names, reserved CPUs and defaults", "they are declared so", path, before,
                  after);
  return plan;
}

std::vector<DeclaredCut> Difference::cuts(const Host& now) const {
  std::vector<DeclaredCut> cuts;
  for (const FoundGpu& gpu : found_.gpus)
    if (gpu.declared->slices) cuts.emplace_back(now, *gpu.declared, gpu.function->address);
  return cuts;
}

/// A GPU that comes back to its driver, and virtual functions and MIG instances that are made, must be looked
/// at before anything can be said of their slices.
Plan Difference::plan_for_slices(const std::vector<PciAddress>& released) const {
  std::vector<Finding> impossible;
  std::vector<PciAddress> waiting;
  Plan plan;
  const std::vector<DeclaredCut> declared = cuts(host_);
  for (const DeclaredCut& cut : declared) {
    std::ranges::move(cut.impossible(), std::back_inserter(impossible));
    if (std::ranges::find(released, cut.gpu()) != released.end() && wants_slices(cut.slices()))
      waiting.push_back(cut.gpu());
  }
  if (!impossible.empty()) refuse("apply", kState, impossible);
  if (!waiting.empty()) {
    plan = release_now(host_, released);
    plan.notes.push_back(
        fmt::format("what {} is cut into is planned when its own driver has it", addresses_text(waiting)));
    return plan;
  }
  for (const DeclaredCut& cut : declared) append(plan, cut.groundwork(Surplus::Remove));
  if (!plan.steps.empty()) plan.notes.push_back("what else is declared is planned when this is done");
  return plan;
}

void Difference::record_slices(Plan& plan) const {
  const std::vector<DeclaredCut> declared = cuts(host_);
  if (declared.empty()) return;
  const Fact<std::vector<DeclaredGpu>> recorded = recorded_slices(host_);
  if (!recorded)
    refuse("apply", kState, fmt::format("what each boot cuts GPUs into is not known: {}", recorded.why()),
           fmt::format("run it as root; if {} is damaged, remove it and apply again", kSlicesFile));
  const Host then = after(host_, plan);
  std::vector<std::pair<PciAddress, std::optional<DeclaredGpu>>> records;
  for (const DeclaredCut& cut : declared)
    records.emplace_back(cut.gpu(), record_of(function_at(host_, cut.gpu()), cut.named(then)));
  add_record_step(plan, *recorded, records);
}

/// What is no longer to be bound at boot goes first, so that no boot in between binds both. Slices go before
/// their GPU does, and come before anything is bound.
Plan Difference::plan(const BindOptions& options) {
  if (!found_.findings.empty()) refuse("apply", kState, found_.findings);
  const std::vector<PciAddress> released = not_in(GpuUse::Host);
  if (Plan first = plan_for_slices(released); !first.steps.empty()) return first;
  Plan plan;
  const auto then = [&](Plan more) { append(plan, std::move(more)); };
  BindOptions wanted = options;
  wanted.stop.insert(wanted.stop.end(), settings_.stop.begin(), settings_.stop.end());
  if (!released.empty()) then(release_now(host_, released));
  for (const FoundGpu& gpu : found_.gpus)
    if (gpu.declared->slices) {
      const Host now = after(host_, plan);
      then(DeclaredCut(now, *gpu.declared, gpu.function->address).rest(wanted, Surplus::Remove));
    }
  if (const auto gpus = not_in(GpuUse::Whole); !gpus.empty())
    then(plan_bind(after(host_, plan), gpus, wanted));
  if (const auto gpus = not_bound_at_boot(false); !gpus.empty()) {
    Plan boot;
    remove_boot_bindings(boot, host_, closure_of(host_, gpus));
    then(std::move(boot));
  }
  if (const auto gpus = not_bound_at_boot(true); !gpus.empty()) {
    Plan boot;
    add_boot_bindings(boot, after(host_, plan), gpus, options.force);
    then(std::move(boot));
  }
  record_slices(plan);
  then(plan_settings(host_, settings_));
  if (preparation_) then(plan_preparation(host_, *preparation_, PagesNow::Reserve));
  return plan;
}

}  // namespace

Parts parts_of(const State& state) {
  return {.mig = std::ranges::any_of(state.gpus,
                                     [](const DeclaredGpu& gpu) { return gpu.slices && gpu.slices->mig; })};
}

std::vector<Finding> compare_state(const Host& host, const State& state) {
  return Difference(host, state).findings();
}

Answer same_as_declared(const std::vector<Finding>& differences) {
  return sameness(differences);
}

Plan plan_state(const Host& host, const State& state, const BindOptions& options) {
  expect_asked(host, needs(Verb::State), "apply", kState);
  return Difference(host, state).plan(options);
}

}  // namespace gpupass
