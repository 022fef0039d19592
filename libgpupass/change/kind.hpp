// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "codec/writer.hpp"
#include "gpupass/plan.hpp"
#include "values/lock_names.hpp"

/// All that is pure about a kind of change. To add a kind: its struct in gpupass/plan.hpp, its Kind in a file
/// of this folder (named in kinds.hpp), its performer in apply/, and its part of the tests' fake kernel.
/// change.cpp finds the Kind of a change.
namespace gpupass {

using Json = nlohmann::ordered_json;

/// A Kind has, as static members:
///   kName                       the word for it in JSON
///   fields(visit, change)       what JSON says of it, for writing and reading
///   words(change)               the state that it sets, as plain output says it
///   subject(change)             what it sets the state of
///   effect(host, change)        makes the host what it will be after the change
/// and may have those of PlainKind.
template <typename T>
struct Kind;

/// The answers of most kinds. A Kind that has another hides them.
struct PlainKind {
  /// The device that the change is about.
  static std::optional<DeviceId> device(const auto&) { return std::nullopt; }
  /// The guest in which libvirt makes the change.
  static std::optional<std::string> guest(const auto&) { return std::nullopt; }
  /// The locks beside those of its device and of its guest.
  static std::set<std::string> locks(const auto&) { return {}; }
  /// Whether the state outlives a boot.
  static bool lasts(const auto&) { return false; }
  /// The subjects that must be as found before the change may be undone.
  static std::vector<std::string> waits_for(const auto&) { return {}; }
  /// The changes that every boot makes because of this one.
  static std::vector<BootChange> made_by_boot(const auto&) { return {}; }
  /// Whether a running guest must do its part: where that fails, it may hold its devices still.
  static bool needs_running_guest(const auto&) { return false; }
  /// Whether the change must wait while a guest may have its function open.
  static bool waits_for_guest(const auto&) { return false; }
  /// Whether the change decides what every boot does.
  static bool steers_boot(const auto&) { return false; }
  /// Whether a boot may make the change by itself.
  static bool may_come_with_boot(const auto&) { return false; }
  /// @throws Error Malformed for names that must not become part of a path or of a command.
  static void require_well_formed(const auto&) {}
  /// The change as --json shows it: without secrets. The form that is read back is fields().
  static Json shown(const auto& change) { return json_of_value(change); }
};

/// The fields of a change whose kind is known.
template <typename T>
  requires requires { Kind<std::remove_const_t<T>>::kName; }
void fields(auto& visit, T& change) {
  Kind<std::remove_const_t<T>>::fields(visit, change);
}

/// A change of one PCI function.
struct DeviceKind : PlainKind {
  static std::optional<DeviceId> device(const auto& change) { return change.device; }
};

/// A change of one guest.
struct GuestKind : PlainKind {
  static std::optional<std::string> guest(const auto& change) { return change.domain; }
};

/// The function in a host that will be changed; nullptr: the host has no such function.
inline PciFunction* function_in(Host& host, PciAddress address) {
  return const_cast<PciFunction*>(find_function(host, address));
}

inline std::string or_none(const std::string& driver) {
  return driver.empty() ? "none" : driver;
}

/// null for the empty text.
inline Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace gpupass
