// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gpupass/error.hpp"

namespace gpupass {

/// What a test throws to make the process die in the middle of a write: nothing under test catches it.
struct Crash {};

/// Counts every change that is tried, and lets chosen ones fail.
class Faults {
 public:
  /// Whether a write that fails has nevertheless changed the machine.
  enum class Effect { None, Full };

  /// Write `number`, counted from 0, fails with an errno.
  void fail(std::size_t number, int error_number, Effect effect = Effect::None) {
    planned_[number] = {error_number, effect};
  }
  /// The process dies in write `number`.
  void crash(std::size_t number, Effect effect = Effect::None) { planned_[number] = {std::nullopt, effect}; }
  /// The hypervisor goes away in write `number`, which reports so.
  void lose(std::size_t number, Effect effect = Effect::None) { planned_[number] = {kLost, effect}; }
  /// Every write from now on works; counting starts at 0 again.
  void clear() {
    planned_.clear();
    count_ = 0;
  }
  /// How many were tried.
  std::size_t count() const { return count_; }

  /// Tries to change `subject`.
  void change(std::string_view verb, std::string_view subject, const std::function<void()>& take_effect);

 private:
  static constexpr int kLost = -1;
  struct Fault {
    std::optional<int> error_number;
    Effect effect = Effect::None;
  };
  std::map<std::size_t, Fault> planned_;
  std::size_t count_ = 0;
};

}  // namespace gpupass
