// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "system/files/tree_files.hpp"
#include "system/read_only_system.hpp"

namespace gpupass {

/// A captured tree: the folder that holds the `sys` of another machine.
class TreeSystem final : public ReadOnlySystem {
 public:
  /// @throws Error NotFound when there is no such folder, Malformed when it holds no `sys`.
  explicit TreeSystem(const SystemOptions& options);

  Fact<std::string> read(std::string_view path) const override { return files_.read(path); }
  Fact<std::vector<std::string>> list(std::string_view path) const override { return files_.list(path); }
  Fact<std::string> link(std::string_view path) const override { return files_.link(path); }
  Fact<std::string> read_guarded(std::string_view path) const override { return files_.read(path); }

 private:
  void answer(AnyExchange& exchange) const override;

  TreeFiles files_;
};

}  // namespace gpupass
