// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

/// The change for which the guest is waited; nullptr: it is another that the report is about.
const SetDevice* pending_change(const Plan& plan, const Report& report) {
  for (std::size_t index = 0; index < std::min(plan.steps.size(), report.steps.size()); ++index)
    if (report.steps[index].state == StepState::Pending)
      return std::get_if<SetDevice>(&plan.steps[index].change);
  return nullptr;
}

bool changes_definition(const Plan& plan, const SetDevice& pending) {
  return std::ranges::any_of(plan.steps, [&](const Step& step) {
    const auto* device = std::get_if<SetDevice>(&step.change);
    return device && device->scope == Scope::Config && device->domain == pending.domain &&
           device->device == pending.device;
  });
}

std::vector<std::string> about_pending(const Plan& plan, const SetDevice& pending) {
  const std::string device = pending.device.to_string();
  const std::string& guest = pending.domain;
  const std::string word = shell_word(guest);
  return {
      changes_definition(plan, pending)
          ? fmt::format("the definition of {} no longer has {}; only the running guest may still have it",
                        guest, device)
          : fmt::format("the definition of {} is unchanged; this is about the running guest", guest),
      fmt::format("check in the guest whether something uses the device, and whether its kernel can "
                  "remove PCI "
                  "devices (pciehp, acpiphp)"),
      fmt::format("gpupass detach {} {} --live asks it again and waits; --timeout SECONDS waits longer", word,
                  device),
      fmt::format("virsh shutdown {} certainly frees the device, and so does virsh destroy {}", word, word),
  };
}

}  // namespace

std::vector<std::string> next_steps(const Plan& plan, const Report& report) {
  if (report.outcome == Outcome::Wedged)
    return {"if a process has the device open, end it; once the driver has returned, gpupass recover goes on",
            "else only the next boot brings the wedged device back; other GPUs can be bound and released",
            "a normal shutdown may wait for it forever: if it does, switch the machine off"};
  if (report.outcome == Outcome::RollbackIncomplete)
    return {"gpupass recover tries again what could not be undone"};
  const SetDevice* pending = report.outcome == Outcome::Pending ? pending_change(plan, report) : nullptr;
  return pending ? about_pending(plan, *pending) : std::vector<std::string>();
}

}  // namespace gpupass
