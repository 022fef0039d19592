// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "system/capture/recording.hpp"
#include "system/read_only_system.hpp"

namespace gpupass {

/// A recorded machine: answers what the recorded one answered. A capture that says nothing of CPUs describes
/// none, and one that says nothing of guests has none.
class RecordedSystem final : public ReadOnlySystem {
 public:
  explicit RecordedSystem(Recording recording) : recording_(std::move(recording)) {}
  RecordedSystem(Recording recording, const SystemOptions& options)
      : ReadOnlySystem(options), recording_(std::move(recording)) {}

  Fact<std::string> read(std::string_view path) const override { return recording_.read(path); }
  Fact<std::vector<std::string>> list(std::string_view path) const override { return recording_.list(path); }
  Fact<std::string> link(std::string_view path) const override { return recording_.link(path); }
  Fact<std::string> read_guarded(std::string_view path) const override { return recording_.read(path); }

 private:
  void answer(AnyExchange& exchange) const override;

  Recording recording_;
};

}  // namespace gpupass
