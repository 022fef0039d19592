// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"

/// What was done.
namespace gpupass {

void fields(auto& visit, Is<StepResult> auto& step) {
  visit("summary", step.summary);
  visit("state", step.state);
  visit("reason", step.reason);
  visit("undo", step.undo);
  visit("undo_reason", step.undo_reason);
}

void fields(auto& visit, Is<Event> auto& event) {
  visit("kind", event.kind);
  visit("step", event.step);
  visit("steps", event.steps);
  visit("summary", event.summary);
  visit("reason", event.reason);
}

void fields(auto& visit, Is<Report> auto& report) {
  visit("outcome", report.outcome);
  visit("changed", report.changed);
  visit("steps", report.steps);
}

void fields(auto& visit, Is<Operation> auto& operation) {
  visit("id", operation.id);
  visit("time", operation.time);
  visit("boot", operation.boot_id);
  visit("hypervisor", operation.hypervisor);
  visit("plan", operation.plan);
  visit("begun", operation.started);
  visit("outcome", operation.outcome);
  visit("left", operation.left);
  visit("unreadable", operation.unreadable, kAddedLater);
  visit("user", operation.user, kAddedLater);
  visit("command", operation.command, kAddedLater);
}

}  // namespace gpupass
