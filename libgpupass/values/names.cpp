// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/names.hpp"

namespace gpupass {

namespace {

/// What is no enumerator has the name of the last one, but for types that the hardware tells.
template <typename Enum>
std::string_view name_of_enumerator(Enum value) {
  for (const auto& [known, name] : kNames<Enum>)
    if (known == value) return name;
  return kNames<Enum>.back().second;
}

}  // namespace

std::string_view to_string(Answer answer) {
  return name_of_enumerator(answer);
}
std::string_view to_string(Verdict verdict) {
  return name_of_enumerator(verdict);
}
std::string_view to_string(GpuUse use) {
  return name_of_enumerator(use);
}
std::string_view to_string(Tuning tuning) {
  return name_of_enumerator(tuning);
}
std::string_view to_string(GpuState state) {
  return name_of_enumerator(state);
}
std::string_view to_string(SliceKind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(Role role) {
  return name_of_enumerator(role);
}
std::string_view to_string(Outcome outcome) {
  return name_of_enumerator(outcome);
}
std::string_view to_string(StepState state) {
  return name_of_enumerator(state);
}
std::string_view to_string(UndoState state) {
  return name_of_enumerator(state);
}
std::string_view to_string(Event::Kind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(Assumption::Kind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(Scope scope) {
  return name_of_enumerator(scope);
}
std::string_view to_string(BootTool tool) {
  return name_of_enumerator(tool);
}
std::string_view to_string(ExpressType type) {
  for (const auto& [known, name] : kNames<ExpressType>)
    if (known == type) return name;
  return "PCIe function";
}
std::string_view to_string(NumaPolicy policy) {
  return name_of_enumerator(policy);
}
std::string_view to_string(VirtType type) {
  return name_of_enumerator(type);
}
std::string_view to_string(Firmware firmware) {
  return name_of_enumerator(firmware);
}
std::string_view to_string(GuestSystem system) {
  return name_of_enumerator(system);
}
std::string_view to_string(DeviceUse::Kind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(Claim::Owner owner) {
  return name_of_enumerator(owner);
}
std::string_view to_string(DirectLink::Kind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(Way way) {
  return name_of_enumerator(way);
}
std::string_view to_string(WayMatrix::Kind kind) {
  return name_of_enumerator(kind);
}
std::string_view to_string(LinkHealth health) {
  return name_of_enumerator(health);
}
std::string_view to_string(ErrorCode code) {
  return name_of_enumerator(code);
}

}  // namespace gpupass
