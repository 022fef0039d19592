// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/folders.hpp"

namespace gpupass {

std::string source_path(const std::string& path) {
  return GPUPASS_SOURCE_DIR "/" + path;
}

std::string build_path(const std::string& path) {
  return GPUPASS_BINARY_DIR "/" + path;
}

}  // namespace gpupass
