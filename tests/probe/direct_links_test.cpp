// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/direct_links.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "gpupass/capture.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/host_builder.hpp"
#include "support/host_difference.hpp"
#include "support/memory_system.hpp"
#include "support/open_host.hpp"
#include "support/shared_hosts.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::direct_links_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kNodes(kKfdNodesPath);

Host probed(const System& system) {
  Parts parts;
  parts.cpus = true;
  return probe(system, {parts, {}});
}

std::vector<Limit> limits_of_links(const Host& host) {
  std::vector<Limit> limits = host.limits;
  std::erase_if(limits, [](const Limit& limit) {
    return limit.what.find("kfd") == std::string::npos && limit.what != "direct links";
  });
  return limits;
}

void add_function(MemorySystem& machine, const std::string& address) {
  machine.symlink("/sys/bus/pci/devices/" + address, "../../../devices/pci0000:00/" + address)
      .file("/sys/bus/pci/devices/" + address + "/class", "0x038000\n");
}

void add_node(MemorySystem& machine, int node, const std::string& properties) {
  machine.file(fmt::format("{}/{}/properties", kNodes, node), properties);
}

void add_gpu(MemorySystem& machine, int node, unsigned location, const std::string& more = "domain 0\n") {
  add_node(
      machine, node,
      fmt::format("cpu_cores_count 0\nsimd_count 416\nvendor_id 4098\nlocation_id {}\n{}", location, more) +
          "unique_id 1234567890123456789\n");
}

void add_link(MemorySystem& machine, int from, int number, int to, int type = 11) {
  machine.file(
      fmt::format("{}/{}/io_links/{}/properties", kNodes, from, number),
      fmt::format("type {}\nversion_major 0\nnode_from {}\nnode_to {}\nweight 15\n", type, from, to));
}

/// Node 0 has CPUs, nodes 1 and 2 the GPUs 03:00.0 and 26:00.0, each linked with the other and with the CPUs.
MemorySystem machine_with_two_gpus() {
  MemorySystem machine;
  add_function(machine, "0000:03:00.0");
  add_function(machine, "0000:26:00.0");
  add_node(machine, 0, "cpu_cores_count 64\nsimd_count 0\nlocation_id 0\ndomain 0\n");
  add_gpu(machine, 1, 0x0300);
  add_gpu(machine, 2, 0x2600);
  add_link(machine, 0, 0, 1, 2);
  add_link(machine, 1, 0, 0, 2);
  add_link(machine, 1, 1, 2);
  add_link(machine, 2, 0, 0, 2);
  add_link(machine, 2, 1, 1);
  return machine;
}

const DirectLink kLink{address("03:00.0"), address("26:00.0"), DirectLink::Kind::Xgmi};

TEST(ProbeDirectLinks, TellsALinkOnceLowerAddressFirst) {
  const Host host = probed(machine_with_two_gpus());
  ASSERT_TRUE(host.direct_links);
  EXPECT_THAT(*host.direct_links, ElementsAre(kLink));
  EXPECT_THAT(limits_of_links(host), IsEmpty());
}

TEST(ProbeDirectLinks, AreAbsentWithoutTheDriverAndNoneWithoutALink) {
  const Host without = probed(MemorySystem());
  EXPECT_TRUE(without.direct_links.absent());
  EXPECT_THAT(limits_of_links(without), IsEmpty());
  MemorySystem machine;
  add_function(machine, "0000:03:00.0");
  add_gpu(machine, 1, 0x0300);
  EXPECT_EQ(probed(machine).direct_links, Fact<std::vector<DirectLink>>(std::vector<DirectLink>{}));
}

TEST(ProbeDirectLinks, AreUnknownWhereTheNodesCannotBeListed) {
  MemorySystem machine;
  machine.denied(kNodes);
  const Host host = probed(machine);
  EXPECT_TRUE(host.direct_links.unknown());
  EXPECT_THAT(limits_of_links(host), Contains(Field(&Limit::why, HasSubstr("Permission denied"))));
}

TEST(ProbeDirectLinks, LeaveOutPciAndLinksToCpus) {
  auto machine = machine_with_two_gpus();
  add_link(machine, 1, 1, 2, 2);
  add_link(machine, 2, 1, 1, 2);
  add_link(machine, 1, 0, 0, 11);  // A GPU that CPUs reach by xGMI.
  EXPECT_THAT(*probed(machine).direct_links, IsEmpty());
}

TEST(ProbeDirectLinks, KnowDomainsAndKernelsThatDoNotTellThem) {
  auto machine = machine_with_two_gpus();
  add_gpu(machine, 1, 0x0300, "");
  EXPECT_THAT(*probed(machine).direct_links, ElementsAre(kLink));
  add_function(machine, "10001:26:00.0");
  add_gpu(machine, 2, 0x2600, "domain 65537\n");
  EXPECT_THAT(*probed(machine).direct_links,
              ElementsAre(DirectLink{address("03:00.0"), address("10001:26:00.0"), DirectLink::Kind::Xgmi}));
}

/// Both ways in which kernels number the partitions of one GPU.
TEST(ProbeDirectLinks, TakePartitionsForTheirGpu) {
  auto machine = machine_with_two_gpus();
  add_gpu(machine, 3, 0x2600 | 1);
  add_gpu(machine, 4, 0x2600 | 2u << 28);
  add_link(machine, 2, 2, 3);
  add_link(machine, 3, 0, 2);
  add_link(machine, 4, 0, 1);
  const Host host = probed(machine);
  EXPECT_THAT(*host.direct_links, ElementsAre(kLink));
  EXPECT_THAT(limits_of_links(host), IsEmpty());
}

TEST(ProbeDirectLinks, DoNotBelieveInAGpuThatPciDoesNotHave) {
  auto machine = machine_with_two_gpus();
  add_gpu(machine, 2, 0x2700);
  const Host host = probed(machine);
  EXPECT_THAT(*host.direct_links, IsEmpty());
  EXPECT_THAT(limits_of_links(host),
              ElementsAre(Limit{"properties of kfd node 2", "names 0000:27:00.0, which does not exist"}));
}

TEST(ProbeDirectLinks, SurviveWhateverAFileHolds) {
  for (const std::string file : {"1/properties", "1/io_links/1/properties"}) {
    for (const std::string& content : {std::string(), std::string("\n"), std::string("simd_count"),
                                       std::string("simd_count -1\nlocation_id 1\n"),
                                       std::string("simd_count 1\nlocation_id 99999999999999999999\n"),
                                       std::string("type 11\nnode_to x\n"), std::string("\x00\xff\n\x80", 4),
                                       std::string(1 << 20, 'A'), std::string("\x1b[31m 4c4c4544\n")}) {
      auto machine = machine_with_two_gpus();
      machine.file(kNodes + "/" + file, content);
      const Host host = probed(machine);
      EXPECT_EQ(limits_of_links(host).size(), 1u) << file << ": " << content.substr(0, 40);
      EXPECT_EQ(host.direct_links->size(), file == "1/properties" ? 0u : 1u) << "the other end still tells";
    }
  }
}

TEST(ProbeDirectLinks, TellOfNodesThatAreNoNumbersAndOfTooMany) {
  auto machine = machine_with_two_gpus();
  machine.folder(kNodes + "/one").folder(kNodes + "/1/io_links/-1");
  EXPECT_THAT(limits_of_links(probed(machine)), testing::SizeIs(2));
  for (int node = 3; node < 700; ++node) machine.folder(fmt::format("{}/{}", kNodes, node));
  const Host host = probed(machine);
  EXPECT_THAT(*host.direct_links, ElementsAre(kLink));
  EXPECT_THAT(limits_of_links(host), Contains(Field(&Limit::why, HasSubstr("saw 700 names"))));
  EXPECT_FALSE(machine.asked().contains(kNodes + "/699/properties"));
}

TEST(ProbeDirectLinks, AreCapturedWithoutWhatIdentifiesTheCard) {
  const MemorySystem machine = machine_with_two_gpus();
  const Capture captured = capture(machine);
  EXPECT_THAT(captured.text, Not(HasSubstr("unique_id")));
  EXPECT_THAT(captured.text, Not(HasSubstr("1234567890123456789")));
  const Host replayed = probe(*open_capture(captured.text, "x.host"), {Parts::everything(), {}});
  EXPECT_EQ(difference(replayed, probe(machine, {Parts::everything(), {}})), "");
  EXPECT_THAT(*replayed.direct_links, ElementsAre(kLink));
}

/// The folder of nodes in an archive of the collection, in a machine with the given GPUs.
Host probed_archive(const std::string& archive, const std::string& folder,
                    const std::vector<std::string>& addresses) {
  const TempTree tree;
  tree.folder("/sys/class/kfd/kfd/topology/nodes");
  const std::string command =
      fmt::format("tar -xf {}/kfd-topology/{} --strip-components={} -C {} {}", shared_hosts(), archive,
                  std::ranges::count(folder, '/') + 1, tree.path(kNodes), folder);
  EXPECT_EQ(std::system(command.c_str()), 0);
  for (const std::string& address : addresses)
    tree.file("/sys/bus/pci/devices/" + address + "/class", "0x038000\n");
  return probed(*open_host(tree.root()));
}

TEST(ExampleHosts, TellTheVendorOfTheirCpusAndTheirDirectLinks) {
  for (const auto& [name, links] : std::map<std::string, std::size_t>{
           {"8gpu-2socket", 0}, {"epyc-nps4-8gpu", 12}, {"smt-off-2gpu", 0}, {"hybrid-1gpu", 0}}) {
    const Host host = probed(*open_host(source_path("examples/hosts/" + name + ".host")));
    const bool amd = name.starts_with("epyc") || name.starts_with("smt-off");
    EXPECT_EQ(host.cpu_vendor, Fact<std::string>(amd ? "AuthenticAMD" : "GenuineIntel")) << name;
    EXPECT_TRUE(links == 0 ? host.direct_links.absent() : host.direct_links->size() == links) << name;
    EXPECT_THAT(limits_of_links(host), IsEmpty()) << name;
  }
}

TEST(SharedHosts, EightMi210AreTwoHivesOfFour) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::vector<std::string> first = {"0000:03:00.0", "0000:26:00.0", "0000:43:00.0", "0000:63:00.0"};
  const std::vector<std::string> second = {"0000:83:00.0", "0000:a3:00.0", "0000:c3:00.0", "0000:e3:00.0"};
  std::vector<DirectLink> expected;
  for (const auto& hive : {first, second})
    for (std::size_t one = 0; one < hive.size(); ++one)
      for (std::size_t other = one + 1; other < hive.size(); ++other)
        expected.push_back({address(hive[one]), address(hive[other]), DirectLink::Kind::Xgmi});
  std::vector<std::string> all = first;
  all.insert(all.end(), second.begin(), second.end());
  const Host host = probed_archive("topo-mi210-xgmi-pcie.tar.xz", "topo-mi210-xgmi-pcie/nodes", all);
  EXPECT_EQ(host.direct_links, Fact<std::vector<DirectLink>>(expected));
  EXPECT_THAT(limits_of_links(host), IsEmpty());
}

TEST(SharedHosts, TwoVega10HaveNoDirectLink) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const Host host =
      probed_archive("topology-parsing.tar.xz", "topology-parsing/topology/nodes", {"0000:19:00.0"});
  EXPECT_EQ(host.direct_links, Fact<std::vector<DirectLink>>(std::vector<DirectLink>{}));
}

}  // namespace
}  // namespace gpupass::direct_links_test
