// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Captured machines of others, each with what the tool of its project says of it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gpupass/system.hpp"
#include "hwloc_oracle.hpp"
#include "support/shared_hosts.hpp"

namespace gpupass::cpus_of_shared_hosts_test {
namespace {

namespace fs = std::filesystem;

Fact<CpuTopology> cpus_of_tree(const std::string& root) {
  SystemOptions options;
  options.root = root;
  return open_system(options)->ask(CpuTopologyQuestion{});
}

template <typename Parts>
CpuSet disjoint_union(const Parts& parts) {
  CpuSet all;
  for (const auto& part : parts) {
    EXPECT_FALSE(all.intersects(part.cpus)) << part.cpus.to_string();
    EXPECT_TRUE(all.empty() || part.cpus.front() > all.front()) << "not in the order of the lowest CPU";
    all |= part.cpus;
  }
  return all;
}

const CpuSet& cpus_of(const auto& part) {
  return part.cpus;
}
const CpuSet& cpus_of(const std::pair<const std::string, CpuSet>& part) {
  return part.second;
}

/// The sets of CPUs of the parts, as far as they are in `visible`.
std::set<std::string> cpu_sets(const auto& parts, const CpuSet& visible) {
  std::set<std::string> sets;
  for (const auto& part : parts)
    if (const CpuSet cpus = cpus_of(part) & visible; !cpus.empty()) sets.insert(cpus.to_string());
  return sets;
}

bool describes_cpus(const fs::path& root) {
  const fs::path cpus = root / "sys/devices/system/cpu";
  return fs::exists(cpus / "cpu0/topology") || fs::exists(cpus / "cpu1/topology");
}

TEST(CpusOfSharedHosts, AreThoseOfTheTreeAndNeverOfTheRunningMachine) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const SharedTree& tree : shared_trees()) {
    SCOPED_TRACE(tree.name);
    const auto cpus = cpus_of_tree(tree.root);
    EXPECT_FALSE(cpus.unknown()) << cpus.why();
    EXPECT_EQ(cpus.known(), describes_cpus(tree.root));
    EXPECT_EQ(cpus_by_hwloc(tree.root), cpus);
    if (!cpus) continue;
    EXPECT_TRUE(cpus->cpus.contains(disjoint_union(cpus->packages)));
    EXPECT_TRUE(cpus->cpus.contains(disjoint_union(cpus->cores)));
    EXPECT_TRUE(cpus->cpus.contains(disjoint_union(cpus->last_level_caches)));
  }
}

/// What lstopo prints, one object a line, indented by its depth.
struct Printed {
  CpuSet cpus;
  std::map<std::string, CpuSet> packages;  ///< By line: those of s390 have no number.
  std::map<std::string, CpuSet> cores;
  std::map<std::string, CpuSet> last_level_caches;
};

Printed parse_lstopo(const fs::path& file) {
  static const std::regex object(R"(^( *)(Package|L[1-5]d?Cache|Core|PU) L#(\d+)( \(P#(\d+))?.*)");
  Printed printed;
  std::vector<std::pair<std::size_t, std::string>> above;  // Indentation and line.
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (!std::regex_match(line, match, object)) continue;
    const auto depth = static_cast<std::size_t>(match.length(1));
    while (!above.empty() && above.back().first >= depth) above.pop_back();
    if (match[2] != "PU") {
      above.emplace_back(depth, line);
      continue;
    }
    const auto cpu = static_cast<unsigned>(std::stoul(match[5]));
    printed.cpus.insert(cpu);
    bool has_cache = false;
    for (const auto& [ignored, parent] : above) {
      if (parent.find("Package L#") != parent.npos) printed.packages[parent].insert(cpu);
      if (parent.find("Core L#") != parent.npos) printed.cores[parent].insert(cpu);
      if (parent.find("Cache L#") == parent.npos || has_cache) continue;
      printed.last_level_caches[parent].insert(cpu);
      has_cache = true;
    }
  }
  return printed;
}

TEST(CpusOfSharedHosts, AreThoseThatLstopoPrints) {
  SKIP_WITHOUT_SHARED_HOSTS();
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(shared_hosts()) / "hwloc-sysfs")) {
    if (entry.path().extension() != ".console") continue;
    const std::string name = entry.path().stem();
    SCOPED_TRACE(name);
    const Printed printed = parse_lstopo(entry.path());
    const auto cpus = cpus_of_tree(unpacked("hwloc-sysfs/" + name + ".tar.bz2"));
    ASSERT_TRUE(cpus.known()) << cpus.why();
    // lstopo leaves out what the cgroup of its process may not use, and was asked to merge some levels.
    const CpuSet& visible = printed.cpus;
    EXPECT_TRUE(cpus->cpus.contains(visible));
    if (name.find("-merge") == name.npos) {
      EXPECT_EQ(cpu_sets(cpus->cores, visible), cpu_sets(printed.cores, visible));
    }
    EXPECT_EQ(cpu_sets(cpus->last_level_caches, visible), cpu_sets(printed.last_level_caches, visible));
    const bool numbered = name.find("s390") == name.npos;
    EXPECT_EQ(cpu_sets(cpus->packages, visible), cpu_sets(printed.packages, numbered ? visible : CpuSet()));
    for (const Package& package : cpus->packages)
      EXPECT_TRUE(!package.cpus.intersects(visible) || std::ranges::any_of(printed.packages, [&](const auto&
                                                                                                     line) {
        return line.first.find(fmt::format("(P#{}", package.id)) != line.first.npos &&
               package.cpus.contains(line.second);
      })) << package.id;
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

/// The cores and sockets of `lscpu -p`: lines CPU,Core,Socket,...
struct Table {
  CpuSet cpus;
  std::map<std::string, CpuSet> cores;
  std::map<std::string, CpuSet> sockets;
};

Table parse_lscpu(const fs::path& file) {
  Table table;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line) && !line.starts_with("# CPU,Core,Socket")) {
  }
  while (std::getline(in, line) && !line.empty()) {
    std::istringstream fields(line);
    std::string cpu, core, socket;
    std::getline(std::getline(std::getline(fields, cpu, ','), core, ','), socket, ',');
    const auto number = static_cast<unsigned>(std::stoul(cpu));
    table.cpus.insert(number);
    table.cores[core].insert(number);
    table.sockets[socket].insert(number);
  }
  return table;
}

TEST(CpusOfSharedHosts, AreThoseThatLscpuPrints) {
  SKIP_WITHOUT_SHARED_HOSTS();
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(shared_hosts()) / "util-linux-lscpu")) {
    const std::string file = entry.path().filename();
    if (!file.starts_with("expected-")) continue;
    const std::string name = file.substr(9, file.size() - 13);
    SCOPED_TRACE(name);
    const Table table = parse_lscpu(entry.path());
    const auto cpus = cpus_of_tree(unpacked("util-linux-lscpu/" + name + ".tar.gz"));
    ASSERT_TRUE(cpus.known()) << cpus.why();
    EXPECT_EQ(cpus->cpus, table.cpus);
    ++compared;
    // lscpu numbers the cores of each type of core of its own; here they are compared where there is one.
    if (name.starts_with("arm-A510")) continue;
    EXPECT_EQ(cpu_sets(cpus->cores, table.cpus), cpu_sets(table.cores, table.cpus));
    const bool numbered = !name.starts_with("s390") && name != "ppc64-POWER7";
    EXPECT_EQ(cpu_sets(cpus->packages, table.cpus),
              cpu_sets(table.sockets, numbered ? table.cpus : CpuSet()));
  }
  EXPECT_GT(compared, 5);
}

}  // namespace
}  // namespace gpupass::cpus_of_shared_hosts_test
