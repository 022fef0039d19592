// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <pugixml.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/probe.hpp"
#include "support/host_builder.hpp"
#include "support/host_difference.hpp"
#include "support/open_host.hpp"
#include "support/shared_hosts.hpp"
#include "support/temp_tree.hpp"

/// What others say of the same machines: lspci, lstopo, lscpu, libvirt.
namespace gpupass::oracle_test {
namespace {

Host probed(const std::string& root) {
  return probe(*open_host(root), {Parts::everything(), {}});
}

/// A file of the collection. Empty: there is none.
std::string text_of(const std::string& name) {
  std::ifstream file(shared_hosts() + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

using Groups = std::vector<std::string>;

/// What the groups of each match hold, the whole match first.
std::vector<Groups> matches_in(const std::string& text, const std::regex& pattern) {
  std::vector<Groups> matches;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    matches.emplace_back(match->begin(), match->end());
  return matches;
}

std::uint32_t hex(const std::string& digits) {
  return static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
}

unsigned number(const std::string& digits) {
  return static_cast<unsigned>(std::stoul(digits));
}

/// Address, class without interface, vendor and device.
struct Device {
  std::string address;
  std::uint32_t type = 0;
  std::uint32_t vendor = 0;
  std::uint32_t device = 0;
  friend auto operator<=>(const Device&, const Device&) = default;
};

void PrintTo(const Device& device, std::ostream* out) {
  *out << std::hex << device.address << ' ' << device.type << ' ' << device.vendor << ':' << device.device;
}

std::set<Device> devices_of(const Host& host) {
  std::set<Device> devices;
  for (const PciFunction& function : host.functions)
    devices.insert({function.address.to_string(), function.class_code.value_or(0) >> 8,
                    function.vendor.value_or(0), function.device.value_or(0)});
  return devices;
}

std::set<Device> devices_in(const std::string& text, const std::regex& pattern) {
  std::set<Device> devices;
  for (const Groups& match : matches_in(text, pattern))
    devices.insert({match[1], hex(match[2]), hex(match[3]), hex(match[4])});
  return devices;
}

/// Empty: lspci cannot read the tree.
std::string lspci(const std::string& root, const std::string& options) {
  const std::string command =
      "lspci -A linux-sysfs -O sysfs.path='" + root + "/sys/bus/pci' " + options + " 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  while (const std::size_t count = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
  return pclose(pipe) == 0 ? text : "";
}

TEST(Oracle, LspciSeesTheSameDevices) {
  SKIP_WITHOUT_SHARED_HOSTS();
  if (std::system("lspci --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no lspci";
  const std::regex line(R"re(([0-9a-f:.]+) "(\w{4})" "(\w{4})" "(\w{4})")re");
  int compared = 0;
  for (const SharedTree& tree : shared_trees()) {
    const auto expected = devices_in(lspci(tree.root, "-Dnmm"), line);
    if (expected.empty()) continue;
    EXPECT_EQ(devices_of(probed(tree.root)), expected) << tree.name;
    ++compared;
  }
  EXPECT_GE(compared, 20);
}

/// lspci's names by pci.ids alone: systemd's hwdb, which it asks as well, may be of another day.
TEST(Oracle, LspciKnowsTheSameNames) {
  SKIP_WITHOUT_SHARED_HOSTS();
  if (std::system("lspci --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no lspci";
  const std::regex line(
      R"re(([0-9a-f:.]+) "[^"]*" "(?:Vendor|([^"]*?)) \[(\w{4})\]" "(?:Device|([^"]*?)) \[(\w{4})\]")re");
  const NameLookup names = pci_names();
  int compared = 0;
  for (const SharedTree& tree : shared_trees())
    for (const Groups& match : matches_in(lspci(tree.root, "-O hwdb.disable=1 -Dnnmm"), line)) {
      const auto vendor = static_cast<std::uint16_t>(hex(match[3]));
      const auto device = static_cast<std::uint16_t>(hex(match[5]));
      EXPECT_EQ(names(vendor, device), (PciNames{match[2], match[4]})) << tree.name << ' ' << match[1];
      ++compared;
    }
  EXPECT_GE(compared, 1000);
}

/// lstopo leaves bridges and devices of little interest out.
TEST(Oracle, LstopoSeesNoDeviceThatWeDoNot) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::regex console(R"re(busid=([0-9a-f:.]+) id=(\w{4}):(\w{4}) class=(\w{4}))re");
  const std::regex xml(R"re(pci_busid="([0-9a-f:.]+)" pci_type="(\w{4}) \[(\w{4}):(\w{4})\])re");
  int compared = 0;
  for (const SharedTree& tree : shared_trees()) {
    const std::string stem = tree.name.substr(0, tree.name.find(".tar"));
    auto expected = devices_in(text_of(stem + ".xml"), xml);
    for (const Groups& match : matches_in(text_of(stem + ".console"), console))
      expected.insert({match[1], hex(match[4]), hex(match[2]), hex(match[3])});
    if (expected.empty()) continue;
    const auto seen = devices_of(probed(tree.root));
    EXPECT_TRUE(std::ranges::includes(seen, expected)) << tree.name;
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

std::set<unsigned> nodes_of(const Host& host) {
  std::set<unsigned> ids;
  for (const NumaNode& node : host.numa_nodes.value_or({})) ids.insert(node.id);
  return ids;
}

/// Where lstopo shows other nodes than the kernel has, and why.
const std::map<std::string, const char*> kOtherNodes = {
    {"16amd64-4n4c-cgroup-distance-merge", "lstopo leaves out what the process's cgroup may not use"},
    {"16amd64-8n2c-cpusets", "lstopo leaves out what the process's cgroup may not use"},
    {"32amd64-4s2n4c-cgroup2", "lstopo leaves out what the process's cgroup may not use"},
    {"4fake-4gr1nu1pu", "lstopo leaves out what the process's cgroup may not use"},
    {"2arm-2c", "without NUMA lstopo shows all memory as one node"},
    {"20s390-2g6s4c", "without NUMA lstopo shows all memory as one node"},
    {"2ps3-2t", "without NUMA lstopo shows all memory as one node"},
    {"nvidiagpunumanodes", "lstopo leaves out memory that is a GPU's"},
};

TEST(Oracle, LstopoSeesTheSameNodes) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::regex console(R"re(NUMANode L#\d+ \(P#(\d+))re");
  const std::regex xml(R"re(type="NUMANode" os_index="(\d+)")re");
  int compared = 0;
  for (const SharedTree& tree : shared_trees()) {
    const std::string stem = tree.name.substr(0, tree.name.find(".tar"));
    std::set<unsigned> expected;
    for (const Groups& match : matches_in(text_of(stem + ".console"), console))
      expected.insert(number(match[1]));
    for (const Groups& match : matches_in(text_of(stem + ".xml"), xml)) expected.insert(number(match[1]));
    if (expected.empty()) continue;
    ++compared;
    const bool differs = kOtherNodes.contains(stem.substr(stem.find('/') + 1));
    EXPECT_EQ(nodes_of(probed(tree.root)) != expected, differs) << tree.name;
  }
  EXPECT_GE(compared, 20);
}

/// lscpu's own form knows steps: "0-62:2".
CpuSet cpus_of_lscpu(const std::string& text) {
  CpuSet cpus;
  for (const Groups& match : matches_in(text, std::regex(R"re((\d+)(?:-(\d+))?(?::(\d+))?)re")))
    for (unsigned cpu = number(match[1]), last = !match[2].empty() ? number(match[2]) : cpu; cpu <= last;
         cpu += !match[3].empty() ? number(match[3]) : 1)
      cpus.insert(cpu);
  return cpus;
}

TEST(Oracle, LscpuSeesTheSameCpusOnEachNode) {
  SKIP_WITHOUT_SHARED_HOSTS();
  int compared = 0;
  for (const SharedTree& tree : shared_trees()) {
    if (!tree.name.starts_with("util-linux-lscpu/")) continue;
    const std::string name = tree.name.substr(17, tree.name.find(".tar") - 17);
    const std::string said = text_of("util-linux-lscpu/expected-" + name + ".txt");
    ASSERT_FALSE(said.empty()) << name;
    const Host host = probed(tree.root);
    std::map<unsigned, CpuSet> expected;
    for (const Groups& match : matches_in(said, std::regex(R"re(NUMA node(\d+) CPU\(s\): *([0-9,:-]*))re")))
      expected[number(match[1])] = cpus_of_lscpu(match[2]);
    std::map<unsigned, CpuSet> seen;
    for (const NumaNode& node : host.numa_nodes.value_or({})) seen[node.id] = node.cpus.value_or({});
    EXPECT_EQ(seen, expected) << name;
    std::smatch offline;
    std::regex_search(said, offline, std::regex(R"re(Off-line CPU\(s\) list: *([0-9,:-]*))re"));
    EXPECT_EQ(host.offline_cpus.value_or({}), cpus_of_lscpu(offline.empty() ? "" : offline[1].str())) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 10);
}

TEST(Oracle, LscpuSeesTheSameVendor) {
  SKIP_WITHOUT_SHARED_HOSTS();
  int compared = 0;
  for (const SharedTree& tree : shared_trees()) {
    if (!tree.name.starts_with("util-linux-lscpu/x86_64") &&
        !tree.name.starts_with("util-linux-lscpu/vmware"))
      continue;
    const std::string name = tree.name.substr(17, tree.name.find(".tar") - 17);
    const auto said = matches_in(text_of("util-linux-lscpu/expected-" + name + ".txt"),
                                 std::regex(R"re(Vendor ID: *(\w+))re"));
    ASSERT_FALSE(said.empty()) << name;
    EXPECT_EQ(probed(tree.root).cpu_vendor, Fact<std::string>(said[0][1])) << name;
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

/// libvirt's test data hold /sys/devices/system alone.
TEST(Oracle, LibvirtSeesTheSameCells) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const std::string name : {"basic", "caches", "hmat", "resctrl", "resctrl-mba_MBps"}) {
    const TempTree tree;
    tree.folder("/sys/devices");
    const std::string archive = shared_hosts() + "/libvirt-capabilities/linux-" + name + ".tar.xz";
    const std::string command =
        "tar --strip-components=1 -xf " + archive + " -C " + tree.path("/sys/devices");
    ASSERT_EQ(std::system(command.c_str()), 0);
    pugi::xml_document document;
    const std::string file = shared_hosts() + "/libvirt-capabilities/vircaps-x86_64-" + name + ".xml";
    ASSERT_TRUE(document.load_file(file.c_str()));
    const Host host = probed(tree.root());
    std::set<unsigned> cells;
    for (const pugi::xml_node cell : document.select_node("//cells").node().children("cell")) {
      const unsigned id = cell.attribute("id").as_uint();
      cells.insert(id);
      CpuSet cpus;
      for (const pugi::xml_node cpu : cell.child("cpus").children("cpu"))
        cpus.insert(cpu.attribute("id").as_uint());
      const auto node = std::ranges::find(*host.numa_nodes, id, &NumaNode::id);
      ASSERT_NE(node, host.numa_nodes->end()) << name;
      EXPECT_EQ(node->cpus, cpus) << name << " node " << id;
    }
    EXPECT_EQ(nodes_of(host), cells) << name;
  }
}

// --- what is known of these machines ---

TEST(SharedHosts, NoTreeMakesAProbeFail) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const SharedTree& tree : shared_trees()) {
    const Host host = probed(tree.root);
    EXPECT_LT(host.limits.size(), 80u) << tree.name;
    EXPECT_TRUE(std::ranges::is_sorted(host.functions, {}, &PciFunction::address));
    EXPECT_EQ(difference(host_from_json(to_json(host)), host), "") << tree.name;
  }
}

/// No configuration space in the collection has more than 256 bytes of a port.
TEST(SharedHosts, AccessControlOfNoPciExpressPortIsKnown) {
  SKIP_WITHOUT_SHARED_HOSTS();
  for (const SharedTree& tree : shared_trees()) {
    if (!tree.name.starts_with("derived-sysfs/") || tree.name.find("power") != tree.name.npos) continue;
    for (const PciFunction& function : probed(tree.root).functions) {
      if (!function.class_code || !is_bridge_class(*function.class_code)) continue;
      EXPECT_TRUE(!function.config || function.config->acs.unknown())
          << tree.name << ' ' << function.address.to_string();
    }
  }
}

TEST(SharedHosts, DgxHasEightA100AndAConsole) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host = probed(unpacked("derived-sysfs/dgx-a100.tar.xz"));
  EXPECT_EQ(host.functions.size(), 281u);
  const auto a100 = [](const PciFunction& function) {
    return function.device == Fact<std::uint16_t>(0x20b0);
  };
  EXPECT_EQ(std::ranges::count_if(host.functions, a100), 8);
  const PciFunction* gpu = find_function(host, address("07:00.0"));
  EXPECT_EQ(path_to_root(host, *gpu).size(), 7u);
  EXPECT_EQ(gpu->root_bus, Fact<std::string>("pci0000:00"));
}

TEST(SharedHosts, AltraHasTwoGpusInADomainOfItsOwn) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host = probed(unpacked("derived-sysfs/arm-altra-2gpu.tar.xz"));
  const PciFunction* gpu = find_function(host, address("000c:01:00.0"));
  ASSERT_NE(gpu, nullptr);
  EXPECT_TRUE(gpu->iommu_group.known());
  EXPECT_EQ(find_group(host, 0)->members, (std::vector<PciAddress>{address("000c:00:01.0")}))
      << "group 0 is a group";
}

TEST(SharedHosts, TheLaptopsDanglingGroupsAreUnknown) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host = probed(unpacked("ghw-sysfs/linux-amd64-415ee03b8c4d1c4f07ae2e9d8b3d3d6d.tar.gz"));
  EXPECT_TRUE(host.groups.value_or({}).empty());
  for (const PciFunction& function : host.functions) EXPECT_TRUE(function.iommu_group.unknown());
}

TEST(SharedHosts, RomeHasOddNodesOnly) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host = probed(unpacked("derived-sysfs/rome-nps4-8mi100.tar.xz"));
  EXPECT_EQ(nodes_of(host), (std::set<unsigned>{1, 3, 5, 7}));
}

TEST(SharedHosts, VmdDomainsAreWiderThanSixteenBits) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host = probed(unpacked("derived-sysfs/vmd-domains.tar.xz"));
  const PciFunction* disk = find_function(host, address("10001:84:00.0"));
  ASSERT_NE(disk, nullptr);
  EXPECT_EQ(disk->parent, Fact<PciAddress>(address("10001:80:07.0")));
  EXPECT_EQ(disk->root_bus, Fact<std::string>("pci10001:80"));
}

TEST(SharedHosts, WithoutFactsOfTheRunningMachine) {
  const TempTree tree;
  tree.folder("/sys");
  const Host host = probed(tree.root());
  EXPECT_TRUE(host.functions.empty());
  EXPECT_TRUE(host.groups.value_or({}).empty());
  EXPECT_FALSE(host.cpus.known());
  EXPECT_FALSE(host.iommu.known());
  EXPECT_FALSE(host.architecture.known());
  EXPECT_FALSE(host.cpu_vendor.known());
  EXPECT_FALSE(host.direct_links.known());
  EXPECT_FALSE(host.numa_nodes.known());
  EXPECT_FALSE(host.domains.known());
  EXPECT_FALSE(host.holders.known());
  EXPECT_TRUE(host.homes.value_or({}).empty());
  EXPECT_TRUE(host.offline_cpus.value_or({}).empty());
}

}  // namespace
}  // namespace gpupass::oracle_test
