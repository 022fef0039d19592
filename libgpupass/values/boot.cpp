// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/boot.hpp"

namespace gpupass {

std::string replacement_path(const BootImage& image) {
  return image.path + ".gpupass";
}

}  // namespace gpupass
