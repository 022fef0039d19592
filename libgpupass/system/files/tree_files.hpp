// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "system/files/fd.hpp"

namespace gpupass {

/// The files of a captured tree: foreign input. No path and no link leads out of it, whether by ".." or by an
/// absolute target. Nothing but plain files is opened: opening a FIFO may block, opening a device has
/// effects.
class TreeFiles {
 public:
  /// @throws Error NotFound when `root` is no directory that can be opened.
  explicit TreeFiles(const std::string& root);

  /// As the functions of System with the same names.
  Fact<std::string> read(std::string_view path) const;
  Fact<std::vector<std::string>> list(std::string_view path) const;
  Fact<std::string> link(std::string_view path) const;

 private:
  Fact<int> directory_of(std::string_view path) const;
  Fact<Fd> open_link(std::string_view path) const;

  Fd root_;
  // A probe comes back to the directories of some functions, and a captured tree stands still.
  mutable std::map<std::string, Fd, std::less<>> directories_;
};

}  // namespace gpupass
