// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace gpupass {

/// How much a search may still try. It counts steps and reads no clock, so a slow machine gives the same
/// answers as a fast one.
class Work {
 public:
  explicit Work(std::uint64_t steps) : left_(steps) {}

  /// @returns false once there is not so much left.
  bool spend(std::uint64_t steps = 1) {
    if (left_ < steps) ended_ = true;
    if (!ended_) left_ -= steps;
    return !ended_;
  }
  bool ended() const { return ended_; }

 private:
  std::uint64_t left_;
  bool ended_ = false;
};

}  // namespace gpupass
