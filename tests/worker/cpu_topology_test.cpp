// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A tree written here: two packages with SMT, the second a hybrid one whose small core has no L3.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "system/worker/worker.hpp"
#include "worker_double.hpp"

namespace gpupass {
namespace {

using namespace std::chrono_literals;

/// The kernel's mask form. Good for the first 32 CPUs.
std::string mask(const CpuSet& cpus) {
  unsigned long bits = 0;
  for (const unsigned cpu : cpus) bits |= 1ul << cpu;
  char text[16];
  std::snprintf(text, sizeof text, "%08lx", bits);
  return text;
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
  const auto cpus = Worker("", 10s).ask(ReadCpuTopology{tree.root()});
  ASSERT_TRUE(cpus.known()) << cpus.why();
  EXPECT_EQ(*cpus, kHost);
}

TEST(CpuTopologyOfATree, IsAbsentWithoutCpus) {
  const TempTree tree;
  Worker worker("", 10s);
  EXPECT_TRUE(worker.ask(ReadCpuTopology{tree.root()}).absent());
  tree.file("/proc/cpuinfo", "processor : 0\n");
  EXPECT_TRUE(worker.ask(ReadCpuTopology{tree.root()}).absent());
  tree.folder(kCpus + "/cpu0");
  EXPECT_TRUE(worker.ask(ReadCpuTopology{tree.root()}).absent());
}

TEST(CpuTopologyOfATree, ListensToNoVariableOfTheUser) {
  const ScopedVariable synthetic("HWLOC_SYNTHETIC", "numa:2 core:8 pu:2");
  const ScopedVariable file("HWLOC_XMLFILE", "/nonexistent.xml");
  const ScopedVariable components("HWLOC_COMPONENTS", "synthetic");
  const ScopedVariable root("HWLOC_FSROOT", "/nonexistent");
  const TempTree empty, full;
  put_host(full);
  Worker worker("", 10s);
  EXPECT_TRUE(worker.ask(ReadCpuTopology{empty.root()}).absent());
  EXPECT_EQ(worker.ask(ReadCpuTopology{full.root()}), Fact<CpuTopology>(kHost));
  EXPECT_TRUE(worker.ask(ReadCpuTopology{empty.root()}).absent());
  const auto live = worker.ask(ReadCpuTopology{"/"});
  EXPECT_TRUE(!live || static_cast<long>(live->cpus.size()) == sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(CpuTopologyOfATree, FollowsNoLinkOnTheWayToACpu) {
  const TempTree whole, part;
  whole.link(kCpus, kCpus);
  put_host(part);
  part.remove(kCpus + "/cpu0/topology/core_id");
  part.link(kCpus + "/cpu0/topology/core_id", kCpus + "/cpu0/topology/core_id");
  Worker worker("", 10s);
  for (const TempTree* tree : {&whole, &part})
    EXPECT_THAT(worker.ask(ReadCpuTopology{tree->root()}).why(), testing::HasSubstr("saw a link at "));
}

TEST(CpuTopologyOfATree, AllowsTheLinksThatSysfsHas) {
  const TempTree tree;
  put_host(tree);
  tree.link(kCpus + "/cpu0/subsystem", "../../../../bus/cpu");
  tree.link(kCpus + "/cpu0/cpufreq", "../cpufreq/policy0");
  EXPECT_EQ(Worker("", 10s).ask(ReadCpuTopology{tree.root()}), Fact<CpuTopology>(kHost));
}

TEST(CpuTopologyOfATree, IsUnknownWhereThereIsNoFolder) {
  const TempTree tree;
  Worker worker("", 10s);
  EXPECT_TRUE(worker.ask(ReadCpuTopology{tree.path("/none")}).unknown());
  EXPECT_TRUE(worker.ask(ReadCpuTopology{tree.file("/file", "")}).unknown());
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
  Worker worker("", 10s);
  for (const char* attribute : attributes) {
    const std::string sense = tree.content(kCpus + attribute);
    for (const char* nonsense : {"", "x", "-1", "4294967295", "0-70000"}) {
      tree.file(kCpus + attribute, nonsense);
      const auto cpus = worker.ask(ReadCpuTopology{tree.root()});
      const bool told = cpus.unknown() && cpus.why().find("expected a list of CPUs") != std::string::npos;
      EXPECT_TRUE(cpus.known() || cpus.absent() || told)
          << attribute << " is " << nonsense << ": " << cpus.why();
    }
    tree.file(kCpus + attribute, sense);
  }
  EXPECT_EQ(worker.ask(ReadCpuTopology{tree.root()}), Fact<CpuTopology>(kHost));
}

TEST(CpuTopologyOfTheRunningMachine, CoversEveryOnlineCpuOnce) {
  const auto cpus = Worker("", 10s).ask(ReadCpuTopology{"/"});
  if (!cpus) GTEST_SKIP() << cpus.why();
  EXPECT_EQ(static_cast<long>(cpus->cpus.size()), sysconf(_SC_NPROCESSORS_ONLN));
  CpuSet seen;
  for (const Core& core : cpus->cores) {
    EXPECT_FALSE(seen.intersects(core.cpus));
    seen |= core.cpus;
  }
  EXPECT_TRUE(cpus->cpus.contains(seen));
}

}  // namespace
}  // namespace gpupass
