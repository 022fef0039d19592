// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "codec/own_records.hpp"
#include "gpupass/policy.hpp"
#include "guest/model/domain_facts.hpp"
#include "policy/asked.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/refuse.hpp"
#include "policy/settings.hpp"
#include "values/card.hpp"
#include "values/numa.hpp"
#include "values/text.hpp"
#include "values/tunables.hpp"

namespace gpupass {

namespace {

constexpr auto kTuning = "the host's tuning";

/// The way from what is tuned to what some guests need.
class Retuning {
 public:
  Retuning(const Host& host, std::vector<TunedGuest> guests);

  Plan plan();

 private:
  bool is_declared(Tuning kind) const;
  const TunedSetting* setting_of(const Tunable& tunable) const;
  std::string found_of(const TunableState& state) const;
  std::optional<std::string> wanted_of(const TunableState& state);
  std::string cpus_for_interrupt(PciAddress device) const;
  std::optional<std::string> cpus_for_services(const TunableState& state);
  void set(const TunableState& state);
  void add_step(const Tunable& tunable, const std::string& from, const std::string& to, const char* reason);
  void tell_what_is_missing();

  const Host& host_;
  std::vector<Tuning> declared_;
  Tuned before_;
  Tuned wanted_;
  CpuSet cpus_;  ///< Of all guests.
  Plan plan_;
};

Retuning::Retuning(const Host& host, std::vector<TunedGuest> guests)
    : host_(host), declared_(settings_of(host).tune), before_(host.tuned.value_or({})) {
  if (!declared_.empty()) wanted_.guests = std::move(guests);
  std::ranges::sort(wanted_.guests, {}, &TunedGuest::name);
  for (const TunedGuest& guest : wanted_.guests) cpus_ |= guest.cpus;
}

bool Retuning::is_declared(Tuning kind) const {
  return std::ranges::find(declared_, kind) != declared_.end();
}

const TunedSetting* Retuning::setting_of(const Tunable& tunable) const {
  const auto setting = std::ranges::find(before_.settings, tunable, &TunedSetting::tunable);
  return setting == before_.settings.end() ? nullptr : &*setting;
}

/// What it goes back to: what gpupass found, or what somebody has set since.
std::string Retuning::found_of(const TunableState& state) const {
  const TunedSetting* setting = setting_of(state.tunable);
  return setting && setting->set == state.value ? setting->found : state.value;
}

/// Those of its guest that are on its own node, or else all of them.
std::string Retuning::cpus_for_interrupt(PciAddress device) const {
  for (const TunedGuest& guest : wanted_.guests) {
    if (std::ranges::find(guest.devices, device) == guest.devices.end()) continue;
    const PciFunction* function = find_function(host_, device);
    const Fact<int> node = function ? nearest_numa_node(host_, *function) : Absent{};
    const NumaNode* near = node && *node >= 0 ? find_node(host_, static_cast<unsigned>(*node)) : nullptr;
    const CpuSet local = near && near->cpus ? guest.cpus & *near->cpus : CpuSet();
    return (local.empty() ? guest.cpus : local).to_string();
  }
  return "";
}

/// nullopt where the guests have none of its CPUs, or would leave it none.
std::optional<std::string> Retuning::cpus_for_services(const TunableState& state) {
  if (!host_.cpus) return std::nullopt;
  const std::string found = found_of(state);
  const CpuSet theirs = found.empty() ? host_.cpus->cpus : CpuSet::parse(found).value_or(CpuSet());
  const CpuSet left = theirs - cpus_;
  if (left == theirs) return std::nullopt;
  if (!left.empty()) return left.to_string();
  plan_.notes.push_back(fmt::format(
      "{} stays on all its CPUs: the guests have each of them; gpupass.conf(5) tells of reserve_cpus",
      state.tunable.name));
  return std::nullopt;
}

/// nullopt: no guest needs it to be otherwise than found.
std::optional<std::string> Retuning::wanted_of(const TunableState& state) {
  if (wanted_.guests.empty() || !is_declared(state.tunable.kind)) return std::nullopt;
  switch (state.tunable.kind) {
    case Tuning::Governor:
      return cpus_.intersects(state.cpus) ? std::optional<std::string>("performance") : std::nullopt;
    case Tuning::Interrupts: {
      const std::string cpus = state.device ? cpus_for_interrupt(*state.device) : "";
      return cpus.empty() ? std::nullopt : std::optional(cpus);
    }
    case Tuning::Ksm:  // 2 takes merged pages apart, and merges none.
      return state.value == "2" ? std::nullopt : std::optional<std::string>("0");
    case Tuning::NumaBalancing:
      return "0";
    case Tuning::Services:
      return cpus_for_services(state);
  }
  return std::nullopt;
}

void Retuning::add_step(const Tunable& tunable, const std::string& from, const std::string& to,
                        const char* reason) {
  const auto text = [&](const std::string& value) { return value.empty() ? "all" : value; };
  // Others may move an interrupt at any time, and where no CPUs are set there is no file.
  if (tunable.kind != Tuning::Interrupts && !from.empty())
    plan_.assumes.push_back({Assumption::Kind::Attribute, path_of(tunable), from});
  plan_.steps.push_back({fmt::format("set {} from {} to {}", name_of(tunable), text(from), text(to)), reason,
                         SetTunable{tunable, to}, SetTunable{tunable, from}});
}

void Retuning::set(const TunableState& state) {
  const std::string found = found_of(state);
  const auto wanted = wanted_of(state);
  const TunedSetting* setting = setting_of(state.tunable);
  if (wanted && *wanted != found) wanted_.settings.push_back({state.tunable, found, *wanted});
  const std::string to = wanted.value_or(found);
  if (to == state.value) return;
  add_step(state.tunable, state.value, to,
           !wanted                                  ? "no guest needs it any longer"
           : setting && setting->set != state.value ? "somebody has changed it while guests run"
                                                    : "guests with GPUs run");
}

/// What is declared and this kernel does not have.
void Retuning::tell_what_is_missing() {
  if (wanted_.guests.empty()) return;
  for (const Tuning kind : declared_) {
    const auto is_of_kind = [kind](const TunableState& state) { return state.tunable.kind == kind; };
    if (std::ranges::any_of(*host_.tunables, is_of_kind)) continue;
    plan_.notes.push_back(kind == Tuning::Interrupts
                              ? "the guests have no interrupts yet: gpupass tune, once their drivers run"
                              : fmt::format("this host has nothing to tune for {}", to_string(kind)));
  }
  for (const TunedGuest& guest : wanted_.guests)
    if (guest.cpus.empty())
      plan_.notes.push_back(
          fmt::format("the vCPUs of {} are not pinned: nothing is tuned for its CPUs", guest.name));
}

/// The record is first: whatever of the settings is found changed has what it goes back to.
Plan Retuning::plan() {
  for (const TunableState& state : *host_.tunables) set(state);
  tell_what_is_missing();
  const auto before = to_tuned_file(before_), after = to_tuned_file(wanted_);
  if (before == after) return std::move(plan_);
  Plan whole;
  add_file_step(whole, "record what is tuned, and what was there before", "it is found again when guests end",
                std::string(kTunedFile), before, after);
  append(whole, std::move(plan_));
  return whole;
}

Plan plan_for(const Host& host, std::vector<TunedGuest> guests) {
  Parts parts = needs(Verb::Tune);
  parts.domains = false;
  expect_asked(host, parts, "tune", kTuning);
  if (!host.tunables)
    refuse("tune", kTuning, fmt::format("it cannot be read: {}", why_unknown(host.tunables)), kRunAsRoot);
  if (host.tuned.unknown())
    refuse("tune", kTuning, fmt::format("what is tuned is not known: {}", host.tuned.why()),
           fmt::format("run it as root; if {} is damaged, remove it: the next boot forgets all tuning",
                       kTunedFile));
  if (host.settings.unknown() && !guests.empty())
    refuse("tune", kTuning, fmt::format("the settings of this host are not known: {}", host.settings.why()),
           "gpupass tune --undo takes all tuning back");
  return Retuning(host, std::move(guests)).plan();
}

/// Nothing is tuned for a guest without a GPU.
bool has_gpu(const Host& host, const std::vector<DeviceId>& devices) {
  return std::ranges::any_of(devices, [&](DeviceId device) {
    const PciFunction* function = find_function(host, device);
    return function && is_gpu(*function);
  });
}

std::optional<TunedGuest> guest_with(const Host& host, const std::string& name, const CpuSet& cpus,
                                     const std::vector<DeviceId>& devices) {
  if (!has_gpu(host, devices)) return std::nullopt;
  TunedGuest guest{name, cpus, {}};
  for (const DeviceId device : devices)
    if (const PciFunction* function = find_function(host, device)) guest.devices.push_back(function->address);
  std::ranges::sort(guest.devices);
  return guest;
}

/// Those that are recorded, but this one.
std::vector<TunedGuest> others(const Host& host, const std::string& guest) {
  std::vector<TunedGuest> guests = host.tuned.value_or({}).guests;
  std::erase_if(guests, [&](const TunedGuest& one) { return one.name == guest; });
  return guests;
}

}  // namespace

Plan plan_tune(const Host& host) {
  expect_asked(host, needs(Verb::Tune), "tune", kTuning);
  if (host.domains.unknown())
    refuse("tune", kTuning, fmt::format("the guests are not known: {}", host.domains.why()),
           "start libvirt; gpupass tune --undo takes all tuning back");
  std::vector<TunedGuest> guests;
  for (const Domain& domain : host.domains.value_or({}))
    if (domain.active)
      if (auto guest = guest_with(host, domain.name, domain.pinned_cpus, domain.live_devices))
        guests.push_back(*std::move(guest));
  return plan_for(host, std::move(guests));
}

Plan plan_tune_undo(const Host& host) {
  return plan_for(host, {});
}

Plan plan_guest_tuning(const Host& host, const std::string& guest, const std::string& xml) {
  const DomainFacts facts = facts_of(xml);
  if (!facts.no_devices_why.empty()) refuse("tune the host for", guest, facts.no_devices_why);
  std::vector<TunedGuest> guests = others(host, guest);
  if (auto one = guest_with(host, guest, facts.pinned_cpus, facts.devices)) guests.push_back(*std::move(one));
  return plan_for(host, std::move(guests));
}

Plan plan_guest_tuning_end(const Host& host, const std::string& guest) {
  return plan_for(host, others(host, guest));
}

}  // namespace gpupass
