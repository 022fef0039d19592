// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/finding.hpp"
#include "gpupass/render.hpp"

namespace gpupass::explanation_test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST(Explanation, IsThereForEveryFindingAndInPlainText) {
  for (const FindingId& finding : finding_ids()) {
    const std::string text = render_explanation(finding.id);
    EXPECT_GT(text.size(), finding.id.size() + 20) << finding.id;
    for (const char* macro : {"\n.", " .Xr", " .Ql", "\\("})
      EXPECT_THAT(text, Not(HasSubstr(macro))) << finding.id;
  }
}

TEST(Explanation, ReadsAsTheManualDoes) {
  EXPECT_EQ(render_explanation("operation.interrupted"),
            "operation.interrupted\n  An operation of the journal did not end, or cannot be read. "
            "gpupass-recover(8) "
            "finishes it or takes it back.\n");
  EXPECT_THAT(render_explanation("host.kvm"), HasSubstr("the CPUs themselves (/dev/kvm)."));
  EXPECT_THAT(render_explanation("gpu.reset"), HasSubstr("unless --force names it"));
  EXPECT_THAT(render_explanation("iommu.acs-lowered"), HasSubstr("'pci=config_acs',"));
  EXPECT_EQ(render_explanation("no.such"), "");
  const std::string narrow = render_explanation("gpu.link", {.columns = 40});
  EXPECT_THAT(narrow, HasSubstr("\n  "));
}

}  // namespace
}  // namespace gpupass::explanation_test
