// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "gpupass/finding.hpp"
#include "support/folders.hpp"

namespace gpupass::findings_page_test {
namespace {

TEST(FindingsPage, ListsEveryFindingAndNoOther) {
  std::ifstream file(source_path("man/gpupass-findings.7"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::regex item(R"(\n\.It Li ([a-z.-]+))");
  std::set<std::string> documented;
  for (std::sregex_iterator at(page.begin(), page.end(), item), end; at != end; ++at)
    documented.insert((*at)[1]);
  std::set<std::string> possible;
  for (const FindingId& finding : finding_ids()) possible.insert(finding.id);
  EXPECT_EQ(documented, possible);
}

}  // namespace
}  // namespace gpupass::findings_page_test
