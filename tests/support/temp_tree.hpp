// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// A temporary folder that stands for the root of a machine; gone with its owner. Paths are those of the
/// machine,
/// "/sys/...", and folders on the way are made.
class TempTree {
 public:
  TempTree();
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  /// Where the folder is.
  const std::string& root() const { return root_; }
  /// Where a path of the machine is.
  std::string path(std::string_view path) const;

  /// A file with exactly this content. It returns where the file is, as the others do.
  std::string file(std::string_view path, std::string_view content) const;
  std::string folder(std::string_view path) const;
  std::string link(std::string_view path, const std::string& target) const;
  std::string fifo(std::string_view path) const;
  void remove(std::string_view path) const;
  /// The content of a file, newline and all. Empty when there is none.
  std::string content(std::string_view path) const;

 private:
  std::string root_;
};

}  // namespace gpupass
