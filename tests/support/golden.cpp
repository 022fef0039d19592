// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/golden.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/folders.hpp"

namespace gpupass {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = source_path("tests/render/golden/" + name);
  if (const char* regenerate = std::getenv("GPUPASS_REGENERATE_GOLDENS"); regenerate && *regenerate == '1') {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, expected) << "differs from " << path
                            << "; if that is meant, run the test with GPUPASS_REGENERATE_GOLDENS=1";
}

}  // namespace gpupass
