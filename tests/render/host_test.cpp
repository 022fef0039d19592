// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "render/sample.hpp"
#include "support/golden.hpp"

namespace gpupass::host_test {
namespace {

TEST(RenderList, Text) {
  const Host host = sample_host();
  expect_golden("list.txt", render_list(host, assess(host), sample_names()));
}

TEST(RenderList, Json) {
  const Host host = sample_host();
  expect_golden("list.json", render_list_json(host, assess(host), sample_names()));
}

TEST(RenderList, SaysWhenThereIsNoGpu) {
  EXPECT_EQ(render_list({}, {}, sample_names()),
            "no GPU: no function of class 03xx (display) or 12xx (accelerator)\n");
  EXPECT_EQ(nlohmann::json::parse(render_list_json({}, {}, sample_names())).at("gpus"),
            nlohmann::json::array());
}

TEST(RenderList, LinesFitIntoTheTerminal) {
  const Host host = sample_host();
  const auto long_names = [](std::uint16_t, std::uint16_t) {
    return PciNames{"Vendor", std::string(200, 'x')};
  };
  for (const std::size_t columns : {40U, 80U, 100U, 132U}) {
    std::istringstream lines(render_list(host, assess(host), long_names, {.columns = columns}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), columns) << line;
  }
  EXPECT_NE(render_list(host, assess(host), long_names).find(std::string(200, 'x')), std::string::npos)
      << "a pipe gets whole names";
}

TEST(RenderShow, Text) {
  const Host host = sample_host();
  expect_golden("show.txt", render_show(host, assess(host), sample_names()));
}

TEST(RenderShow, Json) {
  const Host host = sample_host();
  expect_golden("show.json", render_show_json(host, assess(host), sample_names()));
}

TEST(RenderGroups, Text) {
  expect_golden("groups.txt", render_groups(sample_host(), assess_groups(sample_host()), sample_names()));
}
TEST(RenderGroups, Json) {
  expect_golden("groups.json", render_groups_json(sample_host(), assess_groups(sample_host())));
}
TEST(RenderGroups, SaysWhenThereIsNone) {
  EXPECT_EQ(render_groups({}, {}, sample_names()), "no IOMMU group\n");
}

TEST(RenderTopology, Text) {
  expect_golden("topology.txt", render_topology(sample_host(), sample_names()));
}
TEST(RenderTopology, Json) {
  expect_golden("topology.json", render_topology_json(sample_host(), sample_names()));
}

TEST(RenderTopology, WithoutCpusSaysUnknown) {
  Host host = sample_host();
  host.cpus = Unknown{"this machine describes no CPU topology"};
  host.numa_nodes = Unknown{"not there"};
  const std::string text = render_topology(host, sample_names());
  EXPECT_TRUE(text.starts_with("CPUs: unknown\n")) << text;
  EXPECT_NE(text.find("node 1\n"), std::string::npos) << text;
  EXPECT_EQ(nlohmann::json::parse(render_topology_json(host, sample_names())).at("cpus"), nullptr);
}

TEST(RenderTopology, PutsDevicesWithoutANodeLast) {
  Host host = sample_host();
  for (PciFunction& function : host.functions) function.numa_node = Absent{};
  const std::string text = render_topology(host, sample_names());
  EXPECT_GT(text.find("node unknown\n"), text.find("node 1: CPUs"));
}

TEST(RenderTopology, DrawsLinesWhereTheViewHasThem) {
  const std::string text = render_topology(sample_host(), sample_names(), {.boxes = true});
  EXPECT_NE(text.find("├─ 05:00.0  GPU"), std::string::npos) << text;
  EXPECT_NE(text.find("└─ 40:01.0  root port  Gen5 x8\n   └─ 41:00.0  GPU"), std::string::npos) << text;
  EXPECT_NE(text.find("├─ c0:01.0  root port  Gen5 x16\n│  └─ c1:00.0  GPU"), std::string::npos) << text;
}

TEST(RenderMatrix, Text) {
  const Host host = whole_sample();
  expect_golden("matrix.txt", render_matrix(host, assess_ways(host), {.verbose = true}));
}
TEST(RenderMatrix, Json) {
  const Host host = whole_sample();
  expect_golden("matrix.json", render_matrix_json(host, assess_ways(host), sample_names()));
}

TEST(RenderMatrix, DrivesAreOnlyInAVerboseOne) {
  const Host host = whole_sample();
  EXPECT_EQ(render_matrix(host, assess_ways(host)).find("NVMe"), std::string::npos);
  EXPECT_EQ(render_matrix({}, {}), "no GPU on PCI Express, and no network card\n");
}

TEST(RenderMatrix, IsPrintedInPartsThatFitTheTerminal) {
  const Host host = whole_sample();
  const std::string whole = render_matrix(host, assess_ways(host)),
                    parts = render_matrix(host, assess_ways(host), {.columns = 40});
  std::istringstream lines(parts);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 40U) << line;
  for (const char* heading : {"GPU0", "GPU1", "NIC0", "CPU AFFINITY", "NUMA AFFINITY"})
    EXPECT_NE(parts.find(heading), std::string::npos) << heading;
  EXPECT_EQ(whole.find("CPU AFFINITY"), whole.rfind("CPU AFFINITY"));
}

TEST(RenderLimits, OneLineForEach) {
  EXPECT_EQ(render_limits(sample_host()),
            "could not see ACS of 0000:00:01.0: config: Permission denied; it needs root\n");
}

// Four states of a fact stay apart wherever a reader could take one for another.
TEST(RenderJson, AbsentAndUnknownAreNull) {
  const Host host = sample_host();
  const auto json = nlohmann::json::parse(render_show_json(host, assess(host), sample_names()));
  for (const auto& gpu : json.at("gpus")) {
    EXPECT_TRUE(gpu.at("bars").is_null() || gpu.at("bars").is_array());
    EXPECT_TRUE(gpu.at("boot_vga") == "yes" || gpu.at("boot_vga") == "no" || gpu.at("boot_vga") == "unknown");
  }
}

TEST(RenderJson, IsPureAscii) {
  const Host host = sample_host();
  const auto all = render_topology_json(host, sample_names());
  for (const char byte : all) ASSERT_TRUE(byte == '\n' || (byte >= 0x20 && byte < 0x7f)) << int(byte);
}

}  // namespace
}  // namespace gpupass::host_test
