// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// A file of the host that gpupass alone writes, as a whole. No other file of the host is ever written: a
/// user's file is never edited.
struct OwnFile {
  std::string path;           ///< "/usr/share/initramfs-tools/hooks/gpupass".
  Fact<std::string> content;  ///< Without its last newline. Absent: the file is missing.
  friend bool operator==(const OwnFile&, const OwnFile&) = default;
};

/// Whether the path is that of such a file, and the file may be written by itself.
bool is_own_file(std::string_view path);

/// Those that tell another program what to do, ascending; the hooks for boot images are not among them.
std::vector<std::string> own_file_paths();

}  // namespace gpupass
#pragma GCC visibility pop
