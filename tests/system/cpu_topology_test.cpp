// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A tree written here: two packages with SMT, the second a hybrid one whose small core has no L3.

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "gpupass/system.hpp"
#include "hwloc_oracle.hpp"
#include "support/folders.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::cpu_topology_test {
namespace {

Fact<CpuTopology> cpus_of(const std::string& root) {
  SystemOptions options;
  options.root = root;
  return open_system(options)->ask(CpuTopologyQuestion{});
}

/// The kernel's map form, of the first 512 CPUs.
std::string mask(const CpuSet& cpus) {
  std::array<unsigned, 16> groups{};
  for (const unsigned cpu : cpus) groups.at(15 - cpu / 32) |= 1u << cpu % 32;
  return fmt::format("{:08x}", fmt::join(groups, ","));
}

struct Cpu {
  unsigned number;
  unsigned package;
  unsigned core;
  CpuSet siblings;
  CpuSet package_cpus;
  CpuSet last_cache;
  unsigned last_level;
};

const std::string kCpus = "/sys/devices/system/cpu";

void put_cpu(const TempTree& tree, const Cpu& cpu) {
  const auto put = [&, folder = kCpus + "/cpu" + std::to_string(cpu.number)](
                       const char* name, std::string value) { tree.file(folder + name, value + "\n"); };
  put("/topology/core_id", std::to_string(cpu.core));
  put("/topology/physical_package_id", std::to_string(cpu.package));
  put("/topology/thread_siblings", mask(cpu.siblings));
  put("/topology/core_siblings", mask(cpu.package_cpus));
  put("/cache/index0/level", std::to_string(cpu.last_level));
  put("/cache/index0/type", "Unified");
  put("/cache/index0/size", "2048K");
  put("/cache/index0/shared_cpu_map", mask(cpu.last_cache));
}

/// CPUs 0-3 in package 0, 4-6 in package 7; CPU 7 is offline.
void put_host(const TempTree& tree) {
  tree.file(kCpus + "/online", "0-6\n");
  tree.file(kCpus + "/possible", "0-7\n");
  const CpuSet first{0, 1, 2, 3}, second{4, 5, 6};
  put_cpu(tree, {0, 0, 0, {0, 2}, first, first, 3});
  put_cpu(tree, {1, 0, 1, {1, 3}, first, first, 3});
  put_cpu(tree, {2, 0, 0, {0, 2}, first, first, 3});
  put_cpu(tree, {3, 0, 1, {1, 3}, first, first, 3});
  put_cpu(tree, {4, 7, 0, {4, 5}, second, {4, 5}, 3});
  put_cpu(tree, {5, 7, 0, {4, 5}, second, {4, 5}, 3});
  put_cpu(tree, {6, 7, 1, {6}, second, {6}, 2});
  tree.folder(kCpus + "/cpu7");
}

const CpuTopology kHost = {
    {0, 1, 2, 3, 4, 5, 6},
    {{0, {0, 1, 2, 3}}, {7, {4, 5, 6}}},
    {{3, 2048 << 10, {0, 1, 2, 3}}, {3, 2048 << 10, {4, 5}}, {2, 2048 << 10, {6}}},
    {{{0, 2}}, {{1, 3}}, {{4, 5}}, {{6}}},
};

TEST(CpuTopologyOfATree, HasPackagesCoresAndTheLastCacheOfEachCpu) {
  const TempTree tree;
  put_host(tree);
  const auto cpus = cpus_of(tree.root());
  ASSERT_TRUE(cpus.known()) << cpus.why();
  EXPECT_EQ(*cpus, kHost);
  EXPECT_EQ(cpus_by_hwloc(tree.root()), cpus);
}

TEST(CpuTopologyOfATree, IsAbsentWithoutCpus) {
  const TempTree tree;
  tree.folder("/sys");
  EXPECT_TRUE(cpus_of(tree.root()).absent());
  tree.file("/proc/cpuinfo", "processor : 0\n");
  EXPECT_TRUE(cpus_of(tree.root()).absent());
  tree.folder(kCpus + "/cpu0");
  EXPECT_TRUE(cpus_of(tree.root()).absent());
}

TEST(CpuTopologyOfATree, LeavesOutWhatIsOffline) {
  const TempTree tree;
  put_host(tree);
  tree.file(kCpus + "/online", "0-1,3-5\n");
  const auto cpus = cpus_of(tree.root());
  ASSERT_TRUE(cpus.known()) << cpus.why();
  EXPECT_EQ(cpus->cpus, (CpuSet{0, 1, 3, 4, 5}));
  EXPECT_EQ(cpus->cores, (std::vector<Core>{{{0}}, {{1, 3}}, {{4, 5}}}));
  EXPECT_EQ(cpus_by_hwloc(tree.root()), cpus);
}

TEST(CpuTopologyOfATree, NeedsNoListOfCpusThatAreOnline) {
  const TempTree tree;
  put_host(tree);
  tree.remove(kCpus + "/online");
  tree.file(kCpus + "/cpu6/online", "0\n");
  const auto cpus = cpus_of(tree.root());
  ASSERT_TRUE(cpus.known()) << cpus.why();
  EXPECT_EQ(cpus->cpus, (CpuSet{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(cpus_by_hwloc(tree.root()), cpus);
}

TEST(CpuTopologyOfATree, LeadsNowhereElse) {
  const TempTree tree;
  tree.link(kCpus, kCpus);
  EXPECT_FALSE(cpus_of(tree.root()).known());
  const TempTree part;
  put_host(part);
  part.remove(kCpus + "/cpu0/topology/core_id");
  part.link(kCpus + "/cpu0/topology/core_id", kCpus + "/cpu0/topology/core_id");
  EXPECT_FALSE(cpus_of(part.root()).unknown());
}

TEST(CpuTopologyOfATree, SurvivesNonsenseInIt) {
  const char* attributes[] = {"/online",
                              "/cpu0/topology/core_id",
                              "/cpu1/topology/physical_package_id",
                              "/cpu2/topology/thread_siblings",
                              "/cpu4/topology/core_siblings",
                              "/cpu5/cache/index0/size",
                              "/cpu6/cache/index0/shared_cpu_map"};
  const TempTree tree;
  put_host(tree);
  for (const char* attribute : attributes) {
    const std::string sense = tree.content(kCpus + attribute);
    for (const char* nonsense : {"", "x", "-1", "4294967295", "0-70000", "00000000", "ffffffff"}) {
      tree.file(kCpus + attribute, nonsense);
      const auto cpus = cpus_of(tree.root());
      const bool told = cpus.unknown() && cpus.why().find("expected a list of CPUs") != std::string::npos;
      ASSERT_TRUE(cpus.known() || told) << attribute << " is " << nonsense << ": " << cpus.why();
      if (!cpus) continue;
      for (const Core& core : cpus->cores) EXPECT_TRUE(cpus->cpus.contains(core.cpus));
      for (const Cache& cache : cpus->last_level_caches) EXPECT_TRUE(cpus->cpus.contains(cache.cpus));
    }
    tree.file(kCpus + attribute, sense);
  }
  EXPECT_EQ(cpus_of(tree.root()), Fact<CpuTopology>(kHost));
}

/// A folder of sysfs for each CPU of a topology.
void put_topology(const TempTree& tree, const CpuTopology& topology) {
  tree.file(kCpus + "/online", topology.cpus.to_string() + "\n");
  const auto put = [&tree](const CpuSet& cpus, const std::string& name, const std::string& value) {
    for (const unsigned cpu : cpus) tree.file(kCpus + "/cpu" + std::to_string(cpu) + name, value + "\n");
  };
  for (std::size_t at = 0; at < topology.cores.size(); ++at) {
    const CpuSet& cpus = topology.cores[at].cpus;
    put(cpus, "/topology/core_id", std::to_string(at));
    put(cpus, "/topology/thread_siblings", mask(cpus));
  }
  for (const Package& package : topology.packages) {
    put(package.cpus, "/topology/physical_package_id", std::to_string(package.id));
    put(package.cpus, "/topology/core_siblings", mask(package.cpus));
  }
  for (const Cache& cache : topology.last_level_caches) {
    put(cache.cpus, "/cache/index0/level", std::to_string(cache.level));
    put(cache.cpus, "/cache/index0/type", "Unified");
    put(cache.cpus, "/cache/index0/size", std::to_string(cache.size_bytes / 1024) + "K");
    put(cache.cpus, "/cache/index0/shared_cpu_map", mask(cache.cpus));
  }
}

TEST(CpuTopologyOfATree, IsThatOfEachExampleHost) {
  for (const auto& entry : std::filesystem::directory_iterator(source_path("examples/hosts"))) {
    if (entry.path().extension() != ".host") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto wanted = cpus_of(entry.path());
    ASSERT_TRUE(wanted.known()) << wanted.why();
    const TempTree tree;
    put_topology(tree, *wanted);
    EXPECT_EQ(cpus_of(tree.root()), wanted);
    EXPECT_EQ(cpus_by_hwloc(tree.root()), wanted);
  }
}

TEST(CpuTopologyOfTheRunningMachine, IsThatOfHwloc) {
  const auto cpus = cpus_of("/");
  if (!cpus) GTEST_SKIP() << cpus.why();
  EXPECT_EQ(static_cast<long>(cpus->cpus.size()), sysconf(_SC_NPROCESSORS_ONLN));
  EXPECT_EQ(cpus_by_hwloc("/"), cpus);
}

}  // namespace
}  // namespace gpupass::cpu_topology_test
