// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "change/kind.hpp"
#include "codec/home_file.hpp"
#include "values/error.hpp"

/// The small changes that prepare for another driver or keep a device awake. Each sets one thing.
namespace gpupass {

/// Whether the kernel may cut a function's power.
template <>
struct Kind<SetD3cold> : DeviceKind {
  static constexpr const char* kName = "d3cold";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("allowed", change.allowed);
  }

  static std::string words(const SetD3cold& change) {
    return fmt::format("{} the kernel to cut the power of {}", change.allowed ? "allow" : "forbid",
                       change.device.to_string());
  }

  static std::string subject(const SetD3cold& change) { return "D3cold of " + change.device.to_string(); }

  static void effect(Host& host, const SetD3cold& change) {
    if (PciFunction* function = function_in(host, change.device)) function->d3cold_allowed = change.allowed;
  }
};

/// Whether NVIDIA's driver keeps a GPU awake while nobody uses it.
template <>
struct Kind<SetPersistence> : DeviceKind {
  static constexpr const char* kName = "persistence";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("on", change.on);
  }

  static std::string words(const SetPersistence& change) {
    return fmt::format("switch the persistence mode of {} {}", change.device.to_string(),
                       change.on ? "on" : "off");
  }

  static std::string subject(const SetPersistence& change) {
    return "persistence mode of " + change.device.to_string();
  }

  static void effect(Host& host, const SetPersistence& change) {
    if (PciFunction* function = function_in(host, change.device)) function->persistence = change.on;
  }
};

/// Whether a service of the system, or a login session, runs.
template <>
struct Kind<SetService> : PlainKind {
  static constexpr const char* kName = "service";

  static void fields(auto& visit, auto& change) {
    visit("unit", change.unit);
    visit("running", change.running);
  }

  static std::string words(const SetService& change) {
    return (change.running ? "start " : "stop ") + change.unit;
  }

  static std::string subject(const SetService& change) { return "service " + change.unit; }

  static std::set<std::string> locks(const SetService& change) { return {lock_of_service(change.unit)}; }

  static void require_well_formed(const SetService& change) {
    if (!is_unit_name(change.unit))
      throw failure(ErrorCode::Malformed, "plan a change of", "services", fmt::format("{:?}", change.unit),
                    "the name of a service");
  }

  /// A stopped service closes its devices. Which devices it opens at its start is not predictable.
  static void effect(Host&, const SetService&) {}
};

/// Which drivers are available. A host does not list drivers without a device.
template <>
struct Kind<LoadModule> : PlainKind {
  static constexpr const char* kName = "module";

  static void fields(auto& visit, auto& change) { visit("module", change.module); }

  static std::string words(const LoadModule& change) { return "load module " + change.module; }

  static std::string subject(const LoadModule& change) { return "module " + change.module; }

  /// The name becomes an argument of modprobe, so it must not look like an option.
  static void require_well_formed(const LoadModule& change) {
    if (!is_driver_name(change.module) || change.module.starts_with('-'))
      throw failure(ErrorCode::Malformed, "plan a change of", "modules", fmt::format("{:?}", change.module),
                    "the name of a module");
  }

  static void effect(Host&, const LoadModule&) {}
};

}  // namespace gpupass
