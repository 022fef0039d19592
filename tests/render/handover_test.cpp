// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/handover.hpp"

#include <gtest/gtest.h>

#include "gpupass/render.hpp"
#include "support/golden.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::handover_test {
namespace {

Handover sample(Verdict verdict) {
  Handover handover;
  handover.gpu = kGpu0;
  handover.functions = {kGpu0, kAudio0};
  handover.findings = {
      {"handover.reset", Verdict::Pass, kGpu0.to_string(), "0000:41:00.0 was reset (flr), and answered", ""},
      {"handover.link", verdict, kGpu0.to_string(), "the link of 0000:41:00.0 has 8 of 16 lanes",
       "switch the host off and on"},
      {"handover.memory", Verdict::Warn, kGpu0.to_string(),
       "nothing has overwritten the memory of 0000:41:00.0", "clear it"}};
  handover.proven = verdict == Verdict::Pass ? Answer::Yes : Answer::No;
  handover.former_tenant_bound = verdict == Verdict::Pass ? Answer::No : Answer::Unknown;
  handover.report = {Outcome::Done,
                     true,
                     {{"put 0000:41:00.0 into quarantine", StepState::Done},
                      {"reset 0000:41:00.0 by flr", StepState::Done},
                      {"record \x1b[31m", StepState::Failed, "no room"}}};
  return handover;
}

TEST(RenderHandover, Text) {
  expect_golden("handover.txt",
                render_handover(sample(Verdict::Pass)) + "---\n" + render_handover(sample(Verdict::Fail)));
}

TEST(RenderHandover, Json) {
  expect_golden("handover.json", render_handover_json(two_sockets(), sample(Verdict::Fail)));
}

/// A reset is no sanitization, and nothing that stays in quarantine is available.
TEST(RenderHandover, ClaimsNoMoreThanWasDone) {
  const std::string free = render_handover_json(two_sockets(), sample(Verdict::Pass));
  EXPECT_NE(free.find("\"available\": true"), std::string::npos);
  EXPECT_NE(free.find("\"sanitized\": false"), std::string::npos);
  EXPECT_EQ(free.find("\"sanitizing\""), std::string::npos);
  const std::string kept = render_handover_json(two_sockets(), sample(Verdict::Fail));
  EXPECT_NE(kept.find("\"available\": false"), std::string::npos);
}

}  // namespace
}  // namespace gpupass::handover_test
