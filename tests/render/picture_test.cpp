// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "render/sample.hpp"
#include "render/svg/drawing.hpp"
#include "render/svg/markup.hpp"
#include "support/golden.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::picture_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Finding> sample_findings() {
  return {{"iommu.active", Verdict::Pass, "host", "1 IOMMU is active", ""},
          {"gpu.assignable", Verdict::Pass, kGpu1.to_string(), "0000:c1:00.0 can be given away", ""},
          {"gpu.in-use", Verdict::Fail, kGpu0.to_string(), "python3 (pid 4711) has /dev/nvidia0 open",
           "kill 4711,\nor wait"},
          {"gpu.reset", Verdict::Pass, kGpu0.to_string(), "0000:41:00.0 can be reset (flr)", ""}};
}

std::string drawing(const Host& host, const NameLookup& names = sample_names()) {
  return render_topology_svg(host, picture_of(host), names);
}

std::string page(const Host& host, const std::vector<Finding>& findings) {
  return render_check_html(host, findings, readiness({kGpu0, kGpu1}, findings), picture_of(host),
                           sample_names());
}

TEST(Escaped, LeavesNoMarkup) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escaped("a\nb\x1b[31m\xff"), "a\\x0Ab\\x1B[31m\\xFF");
  EXPECT_EQ(escaped("\xef\xbf\xbe\xef\xbf\xbf"), "??") << "valid UTF-8, and yet no XML";
}

TEST(RenderTopologySvg, Golden) {
  expect_golden("topology.svg", drawing(whole_sample()));
}

TEST(RenderCheckHtml, Golden) {
  expect_golden("check.html", page(whole_sample(), sample_findings()));
}

TEST(RenderTopologySvg, SaysStateGuestAndHealth) {
  Host host = whole_sample();
  const std::string text = drawing(host);
  EXPECT_THAT(text, HasSubstr(">in guest1<"));
  EXPECT_THAT(text, HasSubstr(R"(<line class="resting")")) << "GPU 0 has its lanes, and is idle";
  function_of(host, kGpu1).link = PciLink{32, 4, 32, 16};
  EXPECT_THAT(drawing(host), HasSubstr(R"(<line class="narrow")"));
  EXPECT_THAT(drawing(host), HasSubstr(">Gen5 x4 (x16)<"));
}

TEST(RenderTopologySvg, DrawsNvswitches) {
  Host host = whole_sample();
  PciFunction nvswitch = function_of(host, {0, 0xc2, 0, 0});
  nvswitch.address = {0, 0xc4, 0, 0};
  nvswitch.class_code = 0x068000;
  nvswitch.vendor = std::uint16_t{0x10de};
  nvswitch.device = std::uint16_t{0x22a3};
  host.functions.push_back(nvswitch);
  EXPECT_THAT(drawing(host), HasSubstr("<title>0000:c4:00.0 NVSwitch"));
}

TEST(RenderTopologySvg, ForeignTextIsNoMarkupAndStaysInItsBox) {
  Host host = whole_sample();
  const std::string evil = "</text><script>alert(1)</script>" + std::string(300, 'x');
  host.domains = std::vector{running_guest(evil, {kGpu1}, {})};
  function_of(host, kGpu0).driver = evil;
  const auto names = [&](std::uint16_t, std::uint16_t) { return PciNames{evil, evil}; };
  const std::string text = drawing(host, names);
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr(">" + std::string(100, 'x')))) << "only a title has all of it";
  EXPECT_THAT(page(host, {{evil, Verdict::Fail, evil, evil, evil}}), Not(HasSubstr("<script")));
}

TEST(Drawing, ShortensWhatDoesNotFit) {
  Drawing drawing;
  drawing.text({0, 0, 80, 20}, "0123456789", "plain");
  drawing.text({0, 0, 80, 20}, "0123456789a", "plain");
  drawing.text({0, 0, 80, 20}, "\xe3\x82\xb2\xe3\x82\xb9\xe3\x83\x88\xe3\x82\xb2\xe3\x82\xb9\xe3\x83\x88",
               "plain");
  const std::string text = drawing.document(100, 100, "");
  EXPECT_THAT(text, HasSubstr(">0123456789<"));
  EXPECT_THAT(text, HasSubstr(">01234567..<"));
  EXPECT_THAT(text, HasSubstr(">\xe3\x82\xb2\xe3\x82\xb9\xe3\x83\x88\xe3\x82\xb2..<"));
}

TEST(RenderCheckHtml, TheWorstIsFirst) {
  const std::string text = page(whole_sample(), sample_findings());
  EXPECT_THAT(text, HasSubstr("<h1>1 of 2 GPUs are ready; 1 is in use</h1>"));
  EXPECT_LT(text.find("<code>41:00.0</code>"), text.find("<h2><b class=\"pass\">pass</b> host"));
  EXPECT_THAT(text, HasSubstr("<pre>kill 4711,\nor wait</pre>"));
  EXPECT_THAT(text, HasSubstr("<summary>1 thing could not be seen</summary>"));
}

TEST(RenderReadiness, SaysWhatIsInTheWay) {
  using enum Obstacle;
  EXPECT_EQ(render_readiness({0, {}}), "");
  EXPECT_EQ(render_readiness({1, {}}), "1 of 1 GPU is ready\n");
  EXPECT_EQ(render_readiness({8, {Firmware, Firmware}}),
            "6 of 8 GPUs are ready; 2 need a firmware setting\n");
  EXPECT_EQ(render_readiness({8, {Guest, Use, Guest}}),
            "5 of 8 GPUs are ready; 2 are in guests, 1 is in use\n");
}

}  // namespace
}  // namespace gpupass::picture_test
