// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The fake kernel is held against the real one: tests/replay/sequences.sh let Linux answer random writes, on
// replayed machines, and the fake one must answer the same.
#include "support/fake_kernel.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/folders.hpp"
#include "support/open_host.hpp"
#include "values/number.hpp"

namespace gpupass::fake_kernel_test {
namespace {

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

/// "0000:01:00.0 vfio-pci vfio-pci": its driver and its override; a function that is removed has none.
std::string state_of(const FakeKernel& kernel, const std::string& address) {
  const auto devices = kernel.state().devices;
  const auto found = devices.find(address);
  const FakeDevice device = found == devices.end() ? FakeDevice{} : found->second;
  return address + ' ' + or_dash(device.driver) + ' ' + or_dash(device.driver_override);
}

/// "PATH VALUE".
int perform(FakeKernel& kernel, const std::string& write) {
  const std::size_t end = write.find(' ');
  return kernel.react("/sys/bus/pci/" + write.substr(0, end), write.substr(end + 1));
}

/// A line is "ERROR PATH VALUE", what became of a function, a write that leads home, or the word that
/// performs these.
std::string answer(FakeKernel& kernel, std::vector<std::string>& home, const std::string& line) {
  if (line == "home")
    for (const std::string& write : home) perform(kernel, write);
  const std::size_t space = line.find(' ');
  if (space == line.npos) return line;
  const std::string first = line.substr(0, space), rest = line.substr(space + 1);
  if (first == "home") {
    home.push_back(rest);
    return line;
  }
  if (!parse_number<int>(first)) return state_of(kernel, first);
  return std::to_string(perform(kernel, rest)) + ' ' + rest;
}

TEST(FakeKernel, AnswersAsLinuxDoes) {
  std::size_t files = 0, writes = 0, wrong = 0;
  for (const auto& file : std::filesystem::directory_iterator(source_path("tests/replay/answers"))) {
    std::ifstream answers(file.path());
    std::string line;
    std::getline(answers, line);  // "machine PATH"
    FakeKernel kernel(open_host(source_path(line.substr(line.find(' ') + 1))));
    std::vector<std::string> home;
    ++files;
    for (std::size_t number = 2; std::getline(answers, line); ++number, ++writes)
      if (const std::string given = answer(kernel, home, line); given != line && ++wrong <= 20)
        ADD_FAILURE() << file.path() << ", line " << number << "\n  Linux: " << line
                      << "\n  fake:  " << given;
  }
  EXPECT_GE(files, 2u);
  EXPECT_GE(writes, 3000u);
}

}  // namespace
}  // namespace gpupass::fake_kernel_test
