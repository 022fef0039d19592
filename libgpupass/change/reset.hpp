// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/ranges.h>

#include <algorithm>

#include "change/kind.hpp"
#include "values/error.hpp"

/// The reset of a function, and the choice of its method.
namespace gpupass {

/// The name becomes a word of an attribute.
inline void require_reset_method(PciAddress device, const std::string& method) {
  const auto fits = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '_';
  };
  if (method.empty() || !std::ranges::all_of(method, fits))
    throw failure(ErrorCode::Malformed, "plan a reset of", device.to_string(), fmt::format("{:?}", method),
                  "the name of a reset method");
}

/// By which methods the kernel may reset a function.
template <>
struct Kind<SetResetMethods> : DeviceKind {
  static constexpr const char* kName = "reset-methods";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("methods", change.methods);
  }

  static std::string words(const SetResetMethods& change) {
    return fmt::format("set the reset methods of {} to {}", change.device.to_string(),
                       fmt::join(change.methods, ", "));
  }

  static std::string subject(const SetResetMethods& change) {
    return "the reset methods of " + change.device.to_string();
  }

  static void require_well_formed(const SetResetMethods& change) {
    if (change.methods.empty()) require_reset_method(change.device, "");
    for (const std::string& method : change.methods) require_reset_method(change.device, method);
  }

  static void effect(Host& host, const SetResetMethods& change) {
    if (PciFunction* function = function_in(host, change.device)) function->reset_methods = change.methods;
  }
};

/// The reset itself.
template <>
struct Kind<ResetDevice> : DeviceKind {
  static constexpr const char* kName = "reset";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("method", change.method);
  }

  static std::string words(const ResetDevice& change) {
    return fmt::format("reset {} ({})", change.device.to_string(), change.method);
  }

  static std::string subject(const ResetDevice& change) { return "a reset of " + change.device.to_string(); }

  static void require_well_formed(const ResetDevice& change) {
    require_reset_method(change.device, change.method);
  }

  /// A host does not tell what a function holds.
  static void effect(Host&, const ResetDevice&) {}
};

}  // namespace gpupass
