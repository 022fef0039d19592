// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include "system/capture/recording.hpp"
#include "system/read_only_system.hpp"

namespace gpupass {

/// Passes each question on to another system, and writes its answer down. Changes nothing.
class RecordingSystem final : public ReadOnlySystem {
 public:
  /// `system` must outlive this.
  explicit RecordingSystem(const System& system) : system_(system) {}

  /// What was read so far.
  const Recording& recording() const { return recording_; }
  /// The same, for good.
  Recording take() { return std::exchange(recording_, {}); }

  Fact<std::string> read(std::string_view path) const override;
  Fact<std::vector<std::string>> list(std::string_view path) const override;
  Fact<std::string> link(std::string_view path) const override;
  Fact<std::string> read_guarded(std::string_view path) const override;
  Fact<std::string> device_number(std::string_view path) const override;
  Fact<bool> is_writing(const std::string& lock) const override;
  bool live() const override { return system_.live(); }

 private:
  void answer(AnyExchange& exchange) const override;

  const System& system_;
  mutable Recording recording_;  // Reading is const for whoever asks; what we keep of it is ours.
};

}  // namespace gpupass
