// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "gpupass/plan.hpp"

/// A plan in JSON. Whoever includes this can read and write one.
namespace gpupass {

class SchemaWriter;

/// "kind", and the fields of that kind.
void fields(JsonWriter& writer, const Change& change);
void fields(JsonReader& reader, Change& change);
void fields(SchemaWriter& writer, const Change& change);

/// A change as --json shows it, without secrets.
nlohmann::ordered_json shown(const Change& change);
/// The device that a binding means; without the address.
nlohmann::ordered_json shown(const BootBinding& binding);

void fields(auto& visit, Is<Step> auto& step) {
  visit("summary", step.summary);
  visit("reason", step.reason, kAddedLater);
  visit("change", step.change);
  visit("undo", step.undo);
}

void fields(auto& visit, Is<Assumption> auto& assumption) {
  visit("kind", assumption.kind);
  visit("subject", assumption.subject);
  visit("expected", assumption.expected);
}

void fields(auto& visit, Is<Plan> auto& plan) {
  visit("assumes", plan.assumes);
  visit("steps", plan.steps);
  visit("notes", plan.notes, kAddedLater);
}

}  // namespace gpupass
