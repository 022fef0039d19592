// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "render/sample.hpp"
#include "support/golden.hpp"
#include "support/host_builder.hpp"

namespace gpupass::mig_test {
namespace {

using testing::HasSubstr;

Host three_gpus() {
  return HostBuilder()
      .gpu("0000:41:00.0")
      .ids(0x10de, 0x2335)
      .gpu("0000:42:00.0")
      .ids(0x10de, 0x20b7)
      .gpu("0000:43:00.0")
      .ids(0x10de, 0x2335)
      .build();
}

/// One GPU whose instances change, one with none, one without MIG.
std::vector<MigFit> fits() {
  return fit_mig(three_gpus(),
                 {{.gpu = address("0000:41:00.0"),
                   .profiles = {"3g.71gb", "1g.18gb", "1g.18gb"},
                   .existing = {{.profile = "3g.71gb", .start = 0}, {.profile = "2g.35gb", .start = 4}}},
                  {.gpu = address("0000:42:00.0"), .profiles = {}},
                  {.gpu = address("0000:43:00.0"), .enabled = false, .profiles = {}}});
}

TEST(RenderMigFits, Text) {
  expect_golden("mig-fits.txt", render_mig_fits(three_gpus(), fits()));
}

TEST(RenderMigFits, Json) {
  expect_golden("fits.json", render_mig_fits_json(three_gpus(), fits(), sample_names()));
}

TEST(RenderMigFits, ACommandStaysOnOneLine) {
  EXPECT_THAT(render_mig_fits(three_gpus(), fits(), {.columns = 40}),
              HasSubstr("41:00.0: nvidia-smi mig -i 0000:41:00.0 -cgi 19:"));
}

TEST(RenderMigFits, SaysWhenThereIsNone) {
  EXPECT_THAT(render_mig_fits({}, {}), HasSubstr("no GPU"));
}

}  // namespace
}  // namespace gpupass::mig_test
