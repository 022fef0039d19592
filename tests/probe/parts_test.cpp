// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "gpupass/probe.hpp"
#include "probe/pci/iommu.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::parts_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

Host probed(const MemorySystem& machine) {
  return probe(machine, {Parts::everything(), {}});
}

TEST(ProbeNodes, KeepsSparseNumbersInOrder) {
  MemorySystem machine;
  for (const char* node : {"node250", "node0", "node8"})
    machine.file(std::string("/sys/devices/system/node/") + node + "/cpulist", "\n");
  const auto nodes = probed(machine).numa_nodes;
  ASSERT_TRUE(nodes);
  EXPECT_THAT(*nodes,
              ElementsAre(Field(&NumaNode::id, 0u), Field(&NumaNode::id, 8u), Field(&NumaNode::id, 250u)));
}

TEST(ProbeNodes, ReadsCpusMemoryHugePagesAndDistances) {
  const auto nodes = probed(machine_with_gpu()).numa_nodes;
  ASSERT_TRUE(nodes);
  ASSERT_EQ(nodes->size(), 2u);
  const NumaNode& node = (*nodes)[1];
  EXPECT_EQ(node.cpus, (CpuSet{4, 5, 6, 7}));
  EXPECT_EQ(node.memory_bytes, Fact<std::uint64_t>(1ull << 30));
  EXPECT_EQ(node.free_bytes, Fact<std::uint64_t>(1ull << 29));
  EXPECT_EQ(node.huge_pages, (std::vector<HugePages>{{2 << 20, 128, 64}}));
  EXPECT_EQ(node.distances, (Fact<std::vector<unsigned>>(std::vector<unsigned>{21, 10})));
}

TEST(ProbeNodes, CpusThatNothingTellsAreUnknown) {
  MemorySystem machine;
  machine.file("/sys/devices/system/node/node3/distance", "10\n");
  EXPECT_TRUE(probed(machine).numa_nodes->at(0).cpus.unknown());
  machine.file("/sys/devices/system/node/node3/cpulist", "\n");
  EXPECT_EQ(probed(machine).numa_nodes->at(0).cpus, CpuSet()) << "it has none";
}

TEST(ProbeNodes, ReadsTheMapOfAKernelWithoutLists) {
  MemorySystem machine;
  machine.file("/sys/devices/system/node/node3/cpumap", "0000,00000001,80000000\n");
  EXPECT_EQ(probed(machine).numa_nodes->at(0).cpus, (CpuSet{31, 32}));
}

TEST(ProbeNodes, DoesNotBelieveDistancesOfOtherNodes) {
  auto machine = machine_with_gpu();
  machine.file("/sys/devices/system/node/node1/distance", "21 10 30\n");
  EXPECT_TRUE(probed(machine).numa_nodes->at(1).distances.unknown());
}

TEST(ProbeNodes, AreAbsentWithoutNuma) {
  EXPECT_TRUE(probed(MemorySystem()).numa_nodes.absent());
}

TEST(ProbeCpus, AreUnknownWhereNoTopologyIsDescribed) {
  const Host host = probed(MemorySystem());
  EXPECT_TRUE(host.cpus.absent());
  EXPECT_THAT(host.limits, Contains(Limit{"CPUs", "unknown: this machine describes no CPU topology"}));
}

TEST(ProbeCpus, TellsOfflineAndIsolatedOnes) {
  MemorySystem machine;
  const std::string folder = "/sys/devices/system/cpu/";
  machine.file(folder + "present", "0-7\n")
      .file(folder + "online", "1-6\n")
      .file(folder + "isolated", "4-5\n");
  EXPECT_EQ(probed(machine).offline_cpus, (CpuSet{0, 7}));
  EXPECT_EQ(probed(machine).isolated_cpus, (CpuSet{4, 5}));
  machine.file(folder + "offline", "0,7-255\n");
  EXPECT_EQ(probed(machine).offline_cpus, (CpuSet{0, 7})) << "the others are not there";
}

TEST(ProbeArchitecture, IsNamedByTheKernelOrGivenAwayByTheCpus) {
  MemorySystem machine;
  EXPECT_TRUE(probed(machine).architecture.unknown());
  machine.file("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme lm nx\n\nprocessor\t: 1\n");
  EXPECT_EQ(probed(machine).architecture, Fact<std::string>("x86_64"));
  machine.file("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n");
  EXPECT_EQ(probed(machine).architecture, Fact<std::string>("aarch64"));
  machine.file("/proc/sys/kernel/arch", "ppc64le\n");
  EXPECT_EQ(probed(machine).architecture, Fact<std::string>("ppc64le"));
}

const std::string kAlias = "/sys/devices/system/cpu/modalias";

TEST(ProbeCpuVendor, IsTheAliasNumberAsTheCpuSpellsIt) {
  for (const auto& [alias, vendor] : std::map<std::string, std::string>{
           {"cpu:type:x86,ven0000fam0006mod0055:feature:,0000,0001\n", "GenuineIntel"},
           {"cpu:type:x86,ven0002fam0019mod0011:feature:,0000\n", "AuthenticAMD"},
           {"cpu:type:x86,ven0005fam0006mod000F:feature:\n", "CentaurHauls"},
           {"cpu:type:x86,ven0009fam0018mod0000:feature:\n", "HygonGenuine"},
           {"cpu:type:x86,ven000Afam0007mod003B:feature:\n", "  Shanghai  "}}) {
    MemorySystem machine;
    machine.file(kAlias, alias).file("/proc/cpuinfo", "vendor_id\t: OtherVendors\n");
    machine.file("/proc/sys/kernel/arch", "x86_64\n");
    EXPECT_EQ(probed(machine).cpu_vendor, Fact<std::string>(vendor)) << alias;
  }
}

TEST(ProbeCpuVendor, IsReadFromCpuinfoWhereTheAliasDoesNotTell) {
  for (const std::string alias : {"", "cpu:type:x86,ven00FFfam0006mod0001:feature:\n", "cpu:type:x86,ven",
                                  "cpu:type:x86,venzzzzfam0006", "x86cpu:vendor:0000:family:0006"}) {
    MemorySystem machine;
    if (!alias.empty()) machine.file(kAlias, alias);
    machine.file("/proc/cpuinfo",
                 "processor\t: 0\nvendor_id\t:   Shanghai  \nflags\t\t: lm\n\nprocessor\t: 1\n");
    EXPECT_EQ(probed(machine).cpu_vendor, Fact<std::string>("  Shanghai  ")) << alias;
  }
}

TEST(ProbeAddressBits, AreThoseOfTheFirstCpuAndOfTheNarrowestUnit) {
  MemorySystem machine;
  machine.file("/proc/sys/kernel/arch", "x86_64\n");
  machine.file("/proc/cpuinfo",
               "vendor_id\t: GenuineIntel\nflags\t\t: lm\naddress sizes\t: 46 bits physical, 48 bits "
               "virtual\n\nprocessor\t: 1\n");
  machine.file("/sys/class/iommu/dmar0/intel-iommu/cap", "19ed008c40780c66\n");
  machine.file("/sys/class/iommu/dmar1/intel-iommu/cap", "1c0000c40660462\n");
  const Host host = probed(machine);
  EXPECT_EQ(host.cpu_address_bits, Fact<unsigned>(46));
  ASSERT_TRUE(host.iommu.known());
  EXPECT_EQ(host.iommu->address_bits, Fact<unsigned>(39));
}

TEST(ProbeCpuVendor, IsAbsentWhereCpusNameNone) {
  MemorySystem arm;
  arm.file(kAlias, "cpu:type:aarch64:feature:,0000,0001\n");
  EXPECT_TRUE(probed(arm).cpu_vendor.absent());
  MemorySystem mainframe;
  mainframe.file("/proc/sys/kernel/arch", "s390x\n").file("/proc/cpuinfo", "vendor_id       : IBM/S390\n");
  EXPECT_TRUE(probed(mainframe).cpu_vendor.absent());
}

TEST(ProbeCpuVendor, IsUnknownWhereNothingTells) {
  for (const std::string cpuinfo :
       {"", "processor\t: 0\n", "vendor_id\t: unknown\n", "vendor_id GenuineIntel\n",
        "vendor_id\t: Genuine\x1b[31mI\n", "vendor_id\t: \n"}) {
    MemorySystem machine;
    machine.file("/proc/cpuinfo", cpuinfo).file("/proc/sys/kernel/arch", "x86_64\n");
    const Host host = probed(machine);
    EXPECT_TRUE(host.cpu_vendor.unknown()) << cpuinfo;
    EXPECT_THAT(host.limits, Contains(Field(&Limit::what, "CPU vendor"))) << cpuinfo;
  }
}

TEST(ProbeIommu, ReadsUnitsTablesRemappingAndOptions) {
  MemorySystem machine;
  machine.symlink("/sys/class/iommu/dmar0", "../../devices/virtual/iommu/dmar0")
      .file("/sys/firmware/acpi/tables/DMAR", "")
      .file("/sys/firmware/acpi/tables/FACP", "")
      .file("/proc/interrupts",
            "  CPU0\n 24: 1  IR-PCI-MSI-0000:00:01.0 0-edge nvme\n  9: 0 IR-IO-APIC 9-fasteoi acpi\n")
      .file("/proc/cmdline", "root=UUID=1 intel_iommu=on iommu=pt vfio-pci.ids=10de:2330 quiet\n");
  const auto iommu = probed(machine).iommu;
  ASSERT_TRUE(iommu);
  EXPECT_THAT(iommu->units, ElementsAre("dmar0"));
  EXPECT_THAT(iommu->firmware_tables, ElementsAre("DMAR"));
  EXPECT_EQ(iommu->interrupt_remapping, Fact<bool>(true));
  EXPECT_THAT(iommu->kernel_options, ElementsAre("intel_iommu=on", "iommu=pt", "vfio-pci.ids=10de:2330"));
}

TEST(ProbeIommu, KnowsThatNoUnitIsActiveAndThatInterruptsAreNotRemapped) {
  MemorySystem machine;
  machine.folder("/sys/class/iommu").file("/proc/interrupts", " 24: 1 PCI-MSI 65536-edge eth0\n");
  const auto iommu = probed(machine).iommu;
  ASSERT_TRUE(iommu);
  EXPECT_TRUE(iommu->units.empty());
  EXPECT_EQ(iommu->interrupt_remapping, Fact<bool>(false));
}

TEST(ProbeIommu, IsUnknownWhereTheTreeHoldsNoClass) {
  EXPECT_TRUE(probed(MemorySystem()).iommu.unknown());
}

TEST(IommuOptions, KeepQuotedSpacesTogether) {
  EXPECT_THAT(iommu_options("dyndbg=\"file iommu.c +p\" pci=noaer \"iommu=pt x\""),
              ElementsAre("pci=noaer", "\"iommu=pt x\""));
}

TEST(InterruptChips, AreTheSameReadFromTheirOwnNames) {
  const auto chips =
      interrupt_chips("1: 2 IR-PCI-MSIX-10000:e1:00.0 0-edge nvme\n2: 0 IR-PCI-MSI 1-edge x\n");
  EXPECT_THAT(chips, ElementsAre("IR-PCI-MSI", "IR-PCI-MSIX"));
  EXPECT_EQ(interrupt_chips("IR-PCI-MSI\nIR-PCI-MSIX"), chips);
}

DomainXml guest(const std::string& name, const std::string& body) {
  return {name, true, false, false, "<domain><name>" + name + "</name>" + body + "</domain>", ""};
}

TEST(ProbeDomains, FindDevicesPinsAndUuid) {
  MemorySystem machine;
  machine.guests(std::vector{
      guest("a",
            "<uuid>11111111-2222-3333-4444-555555555555</uuid><vcpu cpuset='8-9'>4</vcpu>"
            "<cputune><vcpupin vcpu='0' cpuset='0-3,^2'/><vcpupin vcpu='1' cpuset='6'/></cputune>"
            "<devices><hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0x65' slot='0' "
            "function='1'/></source></hostdev></devices>")});
  const Host host = probed(machine);
  const Domain* domain = find_domain(host, "a");
  ASSERT_NE(domain, nullptr);
  EXPECT_EQ(domain->uuid, "11111111-2222-3333-4444-555555555555");
  EXPECT_THAT(domain->live_devices, ElementsAre(address("65:00.1")));
  EXPECT_TRUE(domain->persistent_devices.empty());
  EXPECT_EQ(domain->pinned_cpus, (CpuSet{0, 1, 3, 6, 8, 9}));
}

TEST(ProbeDomains, DoNotCountTheCpusOfAllWhereEachHasItsOwn) {
  MemorySystem machine;
  machine.guests(std::vector{
      guest("a", "<vcpu cpuset='0-31'>1</vcpu><cputune><vcpupin vcpu='0' cpuset='5'/></cputune>")});
  EXPECT_EQ(probed(machine).domains->front().pinned_cpus, CpuSet{5});
}

TEST(ProbeDomains, KeepWhatOneMalformedDefinitionDoesNotTouch) {
  MemorySystem machine;
  machine.guests(
      std::vector{guest("bad",
                        "<devices><hostdev type='pci'><source><address bus='zz'/></source></hostdev>"
                        "</devices><cputune><vcpupin cpuset='4-'/></cputune>"),
                  guest("good", "")});
  const Host host = probed(machine);
  EXPECT_EQ(host.domains->size(), 2u);
  EXPECT_THAT(host.limits, Contains(Field(&Limit::what, "devices of domain bad")));
  EXPECT_THAT(host.limits, Contains(Field(&Limit::what, "pinned CPUs of domain bad")));
}

TEST(ProbeDomains, SayThatNoHypervisorIsThere) {
  const Host host = probed(MemorySystem());
  EXPECT_TRUE(host.domains.absent());
  EXPECT_THAT(host.limits, Contains(Limit{"domains", "there is no hypervisor to ask"}));
}

MemorySystem machine_with_processes() {
  MemorySystem machine;
  machine.symlink("/proc/1/fd/0", "/dev/null")
      .symlink("/proc/4711/fd/0", "socket:[4242]")
      .symlink("/proc/4711/fd/17", "/dev/vfio/7")
      .symlink("/proc/4711/fd/18", "/dev/vfio/7")
      .symlink("/proc/4711/fd/19", "/dev/vfio/vfio")
      .file("/proc/4711/comm", "qemu-system-x86\n")
      .folder("/proc/5000/fd");
  return machine;
}

TEST(ProbeHolders, FindTheProcessThatHoldsAGroup) {
  const auto holders = probed(machine_with_processes()).holders;
  ASSERT_TRUE(holders);
  EXPECT_THAT(*holders, ElementsAre(Holder{7, 4711, "qemu-system-x86"}));
}

TEST(ProbeHolders, AreFoundByTheNumberOfTheDevice) {
  auto machine = machine_with_gpu();
  machine.symlink("/sys/bus/pci/devices/0000:02:00.0/driver", "../../../bus/pci/drivers/vfio-pci")
      .folder("/sys/bus/pci/devices/0000:02:00.0/vfio-dev/vfio0")
      .file("/proc/1/maps", "")
      .file("/proc/1/comm", "vmm\n");
  const auto holds = [&](const char* path, const char* number, const std::string& device) {
    auto system = machine;
    system.symlink("/proc/1/fd/9", path);
    if (*number)
      system.file("/proc/1/fd.devices/9", number).symlink(std::string("/sys/dev/char/") + number, device);
    return probed(system).holders.value_or({}) == std::vector<Holder>{{7, 1, "vmm"}};
  };
  const std::string cdev = "../../devices/pci0000:00/0000:00:01.0/0000:02:00.0/vfio-dev/vfio0";
  EXPECT_TRUE(holds("/dev/vfio/devices/vfio0", "", ""));
  EXPECT_TRUE(holds("/dev/vfio/7 (deleted)", "", ""));
  EXPECT_TRUE(holds("/srv/jail/dev/vfio/devices/vfio0", "511:0", cdev));
  EXPECT_TRUE(holds("/srv/jail/dev/vfio/2", "240:0", "../../devices/virtual/vfio/7"));
  EXPECT_FALSE(holds("/dev/vfio/7", "240:1", "../../devices/virtual/vfio/8"));
}

TEST(ProbeHolders, AreUnknownWhenAnyProcessHidesItsFiles) {
  auto machine = machine_with_processes();
  machine.denied("/proc/1/fd");
  EXPECT_THAT(probed(machine).holders.why(), HasSubstr("hidden"));
}

TEST(ProbeHolders, AreAbsentOnAMachineWithoutProcesses) {
  EXPECT_TRUE(probed(MemorySystem()).holders.absent());
}

TEST(ProbeHomes, ReadWhatBindWroteDown) {
  MemorySystem machine;
  machine.file("/run/gpupass/home/0000:65:00.0",
               R"({"format":1,"driver":"nvidia","driver_override":"","vendor":"10de","device":"2330"})");
  EXPECT_THAT(probed(machine).homes.value_or({}),
              ElementsAre(Home{address("65:00.0"), {"nvidia", ""}, {0x10de, 0x2330}}));
}

TEST(ProbeHolders, AreNoneWhereNothingIsOnVfio) {
  auto machine = machine_with_processes();
  machine.denied("/proc/1/fd");
  Parts parts;
  parts.holders = true;
  EXPECT_EQ(probe(machine, {parts, {}}).holders, std::vector<Holder>());
  machine.symlink("/sys/bus/pci/drivers/vfio-pci/0000:65:00.0", "");
  EXPECT_TRUE(probe(machine, {parts, {}}).holders.unknown());
}

TEST(ProbeHomes, AreUnknownWhereTheirFolderCannotBeRead) {
  MemorySystem machine;
  machine.denied("/run/gpupass/home").denied("/run/gpupass/wedged");
  const Host host = probed(machine);
  EXPECT_THAT(host.homes.why(), HasSubstr("Permission denied"));
  EXPECT_THAT(host.wedged.why(), HasSubstr("Permission denied"));
  EXPECT_THAT(host.limits, Contains(Field(&Limit::what, "wedged devices")));
}

TEST(ProbeHomes, TellOfRecordsThatCannotBeRead) {
  MemorySystem machine;
  machine.file("/run/gpupass/home/0000:65:00.0", "{").file("/run/gpupass/home/garbage", "{}");
  const Host host = probed(machine);
  EXPECT_TRUE(host.homes.value_or({}).empty());
  EXPECT_THAT(host.limits, Contains(Field(&Limit::what, "home of 0000:65:00.0")));
  EXPECT_THAT(host.limits, Contains(Field(&Limit::why, HasSubstr("expected a PCI address"))));
}

}  // namespace
}  // namespace gpupass::parts_test
