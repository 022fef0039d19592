// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/system.hpp"

namespace gpupass {

/// Of a captured machine the whole file costs no more than a part.
Fact<std::string> Files::read_bytes(std::string_view path, std::size_t offset, std::size_t) const {
  Fact<std::string> content = read(path);
  if (!content) return content;
  // Reading drops a last newline; of a configuration space that was its last byte.
  if (content->size() % 64 == 63) content->push_back('\n');
  content->erase(0, std::min(offset, content->size()));
  return content;
}

}  // namespace gpupass
