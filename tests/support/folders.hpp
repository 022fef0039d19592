// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace gpupass {

/// A path in the source tree, by one relative to it: "examples/hosts". No other file knows where the tree
/// lies, so that a compiler's cache serves all of its copies.
std::string source_path(const std::string& path);
/// The same in the build folder.
std::string build_path(const std::string& path);

}  // namespace gpupass
