// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/lasting_identity.hpp"
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
  void compare_preparation();
  void add(const char* id, Verdict verdict, const FoundGpu& gpu, const std::string& message);
  /// The declared GPUs that are not used so.
  std::vector<PciAddress> not_in(GpuUse use) const;
  std::vector<PciAddress> not_bound_at_boot(bool wanted) const;

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

std::vector<Finding> Difference::findings() {
  findings_ = found_.findings;
  for (const FoundGpu& gpu : found_.gpus) compare(gpu);
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

/// What is no longer to be bound at boot goes first, so that no boot in between binds both.
Plan Difference::plan(const BindOptions& options) {
  if (!found_.findings.empty()) refuse("apply", kState, found_.findings);
  Plan plan;
  const auto then = [&](Plan more) { append(plan, std::move(more)); };
  BindOptions wanted = options;
  wanted.stop.insert(wanted.stop.end(), settings_.stop.begin(), settings_.stop.end());
  if (const auto gpus = not_in(GpuUse::Host); !gpus.empty()) then(release_now(host_, gpus));
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
  then(plan_settings(host_, settings_));
  if (preparation_) then(plan_preparation(host_, *preparation_, PagesNow::Reserve));
  return plan;
}

/// What is written and in effect. nullopt: nothing, or not all of it.
std::optional<Preparation> present_preparation(const Host& host) {
  const Fact<Preparation> written = preparation_of(host);
  if (!written || *written == Preparation() || !not_in_effect(host, *written).empty()) return std::nullopt;
  return *written;
}

}  // namespace

State state_of(const Host& host) {
  const Settings settings = settings_of(host);
  State state{
      {}, settings.reserved_cpus, settings.stop, settings.defaults, present_preparation(host), settings.tune};
  for (const PciFunction& gpu : host.functions) {
    if (!is_gpu(gpu) || is_virtual(gpu)) continue;
    DeclaredGpu declared;
    declared.key = gpu.address.to_string();
    declared.identity = lasting_identity(gpu);
    const std::optional<bool> boot = boot_use_of(host, gpu);
    // Without `boot`, `use` would say that each boot binds all of it, or nothing.
    const bool in_part = host.boot_bindings && !boot;
    if (!in_part) declared.use = use_of(host, gpu);
    if (!in_part && boot != boot_of(declared)) declared.boot = boot;
    declared.name = name_of(host, gpu);
    state.gpus.push_back(std::move(declared));
  }
  return state;
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
