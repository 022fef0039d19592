// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "change/kind.hpp"
#include "values/error.hpp"
#include "values/firmware_framebuffer.hpp"

/// What the kernel and the firmware show on a display.
namespace gpupass {

/// Whether the kernel draws its consoles on framebuffers.
template <>
struct Kind<SetConsole> : PlainKind {
  static constexpr const char* kName = "console";

  static void fields(auto& visit, auto& change) { visit("drawn", change.drawn); }

  static std::string words(const SetConsole& change) {
    return change.drawn ? "draw the kernel's consoles" : "stop to draw the kernel's consoles";
  }

  static std::string subject(const SetConsole&) { return "the kernel's consoles"; }

  static std::set<std::string> locks(const SetConsole&) { return {lock_of_console()}; }

  /// Which framebuffer comes back with a driver is not predictable.
  static void effect(Host&, const SetConsole&) {}
};

/// Whether a framebuffer that the firmware has set up is shown. A machine has one at most.
template <>
struct Kind<SetFramebuffer> : PlainKind {
  static constexpr const char* kName = "framebuffer";

  static void fields(auto& visit, auto& change) {
    visit("device", change.device);
    visit("shown", change.shown);
  }

  static std::string words(const SetFramebuffer& change) {
    return (change.shown ? "bind the driver of " : "unbind the driver of ") + change.device;
  }

  static std::string subject(const SetFramebuffer&) { return "the firmware's framebuffer"; }

  static std::set<std::string> locks(const SetFramebuffer&) { return {lock_of_console()}; }

  static void require_well_formed(const SetFramebuffer& change) {
    if (!is_firmware_framebuffer(change.device))
      throw failure(ErrorCode::Malformed, "plan a change of", "framebuffers",
                    fmt::format("{:?}", change.device), "a framebuffer of the firmware");
  }

  static void effect(Host&, const SetFramebuffer&) {}
};

}  // namespace gpupass
