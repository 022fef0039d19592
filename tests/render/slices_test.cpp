// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "render/sample.hpp"
#include "support/golden.hpp"
#include "support/host_builder.hpp"

namespace gpupass::slices_test {
namespace {

using testing::HasSubstr;

/// A GPU with two virtual functions, one in a guest; another with a mediated device; a third of which little
/// is known. One name would turn a terminal red.
Host sliced_host() {
  HostBuilder builder;
  builder.gpu("0000:41:00.0", "xe").ids(0x8086, 0xe211).with([](PciFunction& gpu) {
    gpu.sriov = Sriov{7, 2};
    gpu.virtual_functions = std::vector<PciAddress>{address("0000:41:00.1"), address("0000:41:00.2")};
    gpu.slicing = Slicing{true, true, Absent{}, Absent{}};
  });
  builder.gpu("0000:41:00.1", "vfio-pci").ids(0x8086, 0xe211).virtual_function_of("0000:41:00.0");
  builder.gpu("0000:41:00.2", "").ids(0x8086, 0xe211).virtual_function_of("0000:41:00.0");
  builder.gpu("0000:42:00.0").with([](PciFunction& gpu) {
    gpu.slicing->mediated_types = std::vector<MediatedType>{
        {"nvidia-474", std::string("GRID \x1b[31mA100-4C"), std::string("framebuffer=4096M"),
         std::string("vfio-pci"), 9u, std::vector<std::string>{"c73f1fa6-489e-4834-9476-d70dabd98c40"}}};
  });
  builder.gpu("0000:43:00.0").with([](PciFunction& gpu) { gpu.sriov = Unknown{"no answer"}; });
  builder.gpu("0000:44:00.0").with([](PciFunction& gpu) { gpu.sriov = Sriov{16, 0}; });
  builder.group(1, {"0000:41:00.0"}).group(2, {"0000:41:00.1"}).group(3, {"0000:41:00.2"});
  builder.group(4, {"0000:42:00.0"}).group(5, {"0000:43:00.0"}).group(6, {"0000:44:00.0"});
  builder.guest("guest1", {"0000:41:00.1"}, {"0000:41:00.1"});
  builder.guest("guest2", {}, {"0000:41:00.2"});
  return builder.build();
}

TEST(RenderSlices, Text) {
  const Host host = sliced_host();
  expect_golden("slices.txt", render_slices(host, assess_slices(host, {}), sample_names()));
}

TEST(RenderSlices, Json) {
  const Host host = sliced_host();
  expect_golden("slices.json", render_slices_json(host, assess_slices(host, {}), sample_names()));
}

/// An H200 in MIG mode with two instances, of which one is in use, and an A30 without MIG mode.
Host mig_host() {
  Host host = HostBuilder()
                  .gpu("0000:41:00.0")
                  .ids(0x10de, 0x2335)
                  .gpu("0000:42:00.0")
                  .ids(0x10de, 0x20b7)
                  .gpu("0000:43:00.0")
                  .ids(0x10de, 0x2335)
                  .build();
  const std::vector<int> nobody;
  const MigComputeInstance used{0, 2, {0, 3}, std::string("MIG-1"), std::vector<int>{42, 43}},
      part{0, 0, {0, 1}, std::string("MIG-2"), nobody}, other{1, 0, {1, 1}, Unknown{"no answer"}, nobody};
  host.functions[0].mig =
      Mig{true, true, {{5u, 14, 0, 2, std::vector{part, other}}, {2u, 9, 4, 4, std::vector{used}}}};
  host.functions[1].mig = Mig{false, true, {}};
  host.functions[2].mig = Unknown{"NVML does not answer"};
  return host;
}

TEST(RenderSlices, TextOfMig) {
  const Host host = mig_host();
  expect_golden("slices-mig.txt",
                render_slices(host, assess_slices(host, {}), sample_names(), {.verbose = true}));
}

TEST(RenderSlices, JsonOfDeclaredMig) {
  const Host host = mig_host();
  expect_golden("export-mig.json", render_state_json(host, state_of(host)));
}

TEST(RenderSlices, JsonOfMig) {
  const Host host = mig_host();
  expect_golden("slices-mig.json", render_slices_json(host, assess_slices(host, {}), sample_names()));
}

TEST(RenderSlices, TellsDescriptionsToWhomAsksForMore) {
  const Host host = sliced_host();
  EXPECT_THAT(render_slices(host, assess_slices(host, {}), sample_names(), {.verbose = true}),
              HasSubstr("42:00.0: nvidia-474: framebuffer=4096M"));
}

TEST(RenderSlices, SaysWhenThereIsNoGpu) {
  EXPECT_THAT(render_slices({}, {}, sample_names()), HasSubstr("no GPU"));
}

}  // namespace
}  // namespace gpupass::slices_test
