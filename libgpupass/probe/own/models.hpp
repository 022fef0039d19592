// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "codec/models_file.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What is known of models of GPUs: by the files of the host's administrator, and else by ours.
/// Reads: /etc/gpupass/models.d, /proc/sys/kernel/osrelease.
class Models {
 public:
  Models(const System& system, Limits& limits) : system_(system), limits_(limits) {}

  /// Absent: nothing is known against it.
  Fact<KnownModel> known_of(const PciFunction& function);

 private:
  void read_files();
  void read_file(const std::string& path);
  bool is_mended(const ModelRow& row) const;

  const System& system_;
  Limits& limits_;
  // Of two rows about one model the first one counts.
  std::optional<std::vector<ModelRow>> files_, ours_;
};

}  // namespace gpupass
