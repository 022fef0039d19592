// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "apply/application.hpp"
#include "apply/failure.hpp"
#include "apply/perform.hpp"
#include "apply/subjects.hpp"
#include "codec/journal_file.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

std::optional<std::uint16_t> id_of(const System& system, PciAddress device, const char* name) {
  const auto text = system.read(fmt::format("/sys/bus/pci/devices/{}/{}", device.to_string(), name));
  return text ? parse_number<std::uint16_t>(*text, 16) : std::nullopt;
}

/// Whether this is the device that the binding means, and it is as the boot left it.
bool has_bound(const System& system, const BootBinding& binding) {
  const std::string folder = fmt::format("/sys/bus/pci/devices/{}/", binding.address.to_string());
  return id_of(system, binding.address, "vendor") == binding.identity.vendor &&
         id_of(system, binding.address, "device") == binding.identity.device &&
         system.link(folder + "driver").value_or("").ends_with("/vfio-pci") &&
         system.read_guarded(folder + "driver_override").value_or("") == "vfio-pci";
}

/// Whether a boot image that the plan made has bound the device of this change meanwhile: then no other boot
/// undid it.
bool is_bound_by_boot(const System& system, const Plan& plan, const Change& change) {
  const auto* driver = std::get_if<SetDriver>(&change);
  return driver && std::ranges::any_of(plan.steps, [&](const Step& step) {
           const auto* boot = std::get_if<SetBootBindings>(&step.change);
           return boot && std::ranges::any_of(boot->bindings, [&](const BootBinding& binding) {
                    return binding.address == driver->device && has_bound(system, binding);
                  });
         });
}

/// After another boot, whether all is as asked of what is bound at boot, and of the drivers. What else was
/// set in the kernel, or in its services, vanished with that boot.
bool has_boot_as_asked(System& system, const Operation& operation) {
  Plan plan = operation.plan;
  std::erase_if(plan.steps, [](const Step& step) {
    return !lasts(step.change) && !std::holds_alternative<SetDriver>(step.change);
  });
  const bool about_boot = std::ranges::any_of(
      plan.steps, [](const Step& step) { return std::holds_alternative<SetBootBindings>(step.change); });
  return about_boot && is_reached(system, plan);
}

/// A step that was begun and is not noted as such is one that a loss of power took.
std::size_t begun(const System& system, const Operation& operation) {
  return operation.boot_id == boot_id(system) ? operation.started : operation.plan.steps.size();
}

bool has_all_it_asked_for(System& system, const Operation& operation) {
  if (operation.outcome) return false;
  if (operation.boot_id != boot_id(system)) return has_boot_as_asked(system, operation);
  return operation.started == operation.plan.steps.size() && is_reached(system, operation.plan);
}

/// The operation's plan, with only those undos that are to be done.
Plan with_undos_left(System& system, const Operation& operation) {
  Plan plan = operation.plan;
  plan.steps.resize(begun(system, operation));
  const bool same_boot = operation.boot_id == boot_id(system);
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    std::optional<Change>& undo = plan.steps[index].undo;
    const bool vanished =
        undo && !same_boot && !lasts(*undo) && !is_bound_by_boot(system, operation.plan, *undo);
    if (vanished || !operation.left.contains(index)) undo.reset();
  }
  return plan;
}

void expect_readable(const Operation& operation) {
  if (operation.unreadable.empty()) return;
  const std::string path = journal_path(operation.id);
  throw Error(
      ErrorCode::Malformed, operation.id, operation.unreadable,
      fmt::format("where a newer gpupass wrote it, recover with that one; else see to its devices and "
                  "guests by hand, then remove {}",
                  path));
}

void expect_not_wedged(const System& system, const Operation& operation) {
  if (operation.outcome == Outcome::Wedged && operation.boot_id == boot_id(system))
    throw failure(ErrorCode::Wedged, "recover", operation.id, "a driver that does not return",
                  "a reboot first");
}

/// A guest of the same name in another libvirt is another guest.
void expect_its_hypervisor(const System& system, const Operation& operation) {
  const std::string now = system.hypervisor_uri();
  if (operation.hypervisor == now || !concerns_guests(operation)) return;
  throw Error(ErrorCode::Refused, operation.id,
              fmt::format("cannot recover {}: saw the guests of {}, expected those of {}", operation.id, now,
                          operation.hypervisor),
              fmt::format("gpupass -c {} recover", operation.hypervisor));
}

}  // namespace

bool concerns_guests(const Operation& operation) {
  return std::ranges::any_of(operation.plan.steps,
                             [](const Step& step) { return changes_guest(step.change); });
}

Plan plan_recovery(System& system, const Operation& operation) {
  Plan recovery;
  if (!needs_recovery(operation)) return recovery;
  expect_readable(operation);
  expect_its_hypervisor(system, operation);
  if (has_all_it_asked_for(system, operation)) return recovery;
  expect_not_wedged(system, operation);
  const Plan plan = with_undos_left(system, operation);
  const Access looking(system, Access::Hands::Tied);
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step)
    if (step->undo && !is_reached(system, *step->undo) && !is_moot(looking, *step->undo))
      recovery.steps.push_back({"undo: " + step->summary, "it was cut off", *step->undo, std::nullopt});
  return recovery;
}

Report recover(System& system, const Operation& seen, const Progress& progress) {
  const Report already{Outcome::Already, /*changed=*/false, {}};
  if (!needs_recovery(seen)) return already;
  expect_readable(seen);
  expect_its_hypervisor(system, seen);
  expect_not_wedged(system, seen);
  const Locks locks = lock_all(system, plan_left(seen));
  // While they were another's, that one may have recovered it, and what is there now is somebody's wish.
  const std::optional<Operation> now = read_operation(system, seen.id);
  if (!now || !needs_recovery(*now)) return already;
  const Operation& operation = *now;
  expect_readable(operation);
  expect_not_wedged(system, operation);
  Journal journal(system, operation.id);
  if (has_all_it_asked_for(system, operation)) {
    journal.end(Outcome::Done);
    return already;
  }
  const Plan plan = with_undos_left(system, operation);
  Report report = Application(system, plan, progress, journal).run_undo(plan.steps.size());
  if (report.outcome == Outcome::RolledBack) report.outcome = Outcome::Done;
  return report;
}

}  // namespace gpupass
