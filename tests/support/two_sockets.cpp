// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/two_sockets.hpp"

#include <algorithm>
#include <string>

#include "support/asked.hpp"
#include "values/sizes.hpp"

namespace gpupass {

using namespace std::string_literals;

namespace {

PciFunction function(PciAddress address, std::uint32_t class_code, std::uint16_t vendor,
                     std::uint16_t device) {
  PciFunction result;
  result.address = address;
  result.class_code = class_code;
  result.vendor = vendor;
  result.device = device;
  result.driver = Absent{};
  result.driver_override = Absent{};
  result.iommu_group = Absent{};
  result.numa_node = Absent{};
  result.parent = Absent{};
  result.boot_vga = Absent{};
  result.sriov = Absent{};
  result.physical_function = Absent{};
  result.virtual_functions = std::vector<PciAddress>{};
  return result;
}

/// A function behind a root port, in a group.
PciFunction below(PciAddress port, std::uint32_t group, PciFunction result) {
  result.parent = port;
  result.iommu_group = group;
  return result;
}

PciFunction root_port(PciAddress address, int node) {
  PciFunction port = function(address, 0x060400, 0x8086, 0x352a);
  port.driver = "pcieport"s;
  port.numa_node = node;
  return port;
}

void add_pci(Host& host) {
  const PciAddress port0{0, 0x40, 1, 0}, port1{0, 0xc0, 1, 0};
  PciFunction console = function(kConsole, 0x030000, 0x1a03, 0x2000);
  console.boot_vga = true;
  console.numa_node = 0;
  PciFunction gpu = below(port0, 7, function(kGpu0, 0x030000, 0x10de, 0x2684));
  gpu.boot_vga = false;
  PciFunction audio = below(port0, 7, function(kAudio0, 0x040300, 0x10de, 0x22ba));
  audio.driver = "snd_hda_intel"s;
  // Neither GPU names its node; the ports above do.
  host.functions = {console, root_port(port0, 0), gpu,
                    audio,   root_port(port1, 1), below(port1, 9, function(kGpu1, 0x030200, 0x10de, 0x2330))};
  host.groups = std::vector<IommuGroup>{IommuGroup{7, {kGpu0, kAudio0}, "DMA-FQ"s, {}},
                                        IommuGroup{9, {kGpu1}, "DMA-FQ"s, {}}};
  host.iommu = Iommu{{"dmar0"}, {"DMAR"}, true, {}};
}

void add_cpus(Host& host) {
  CpuTopology topology;
  topology.packages.resize(2);
  topology.packages[1].id = 1;
  topology.last_level_caches.assign(4, Cache{3, 32 * kMiB, {}});
  for (unsigned core = 0; core < 16; ++core) {
    const CpuSet cpus{core, core + 16};
    topology.cores.push_back(Core{cpus});
    topology.cpus |= cpus;
    topology.packages[core / 8].cpus |= cpus;
    topology.last_level_caches[core / 4].cpus |= cpus;
  }
  host.cpus = topology;
  host.architecture = "x86_64"s;
}

NumaNode node(unsigned id, const CpuSet& cpus, std::uint64_t free_2m, std::uint64_t free_1g) {
  NumaNode result;
  result.id = id;
  result.cpus = cpus;
  result.memory_bytes = 64 * kGiB;
  result.free_bytes = 60 * kGiB;
  result.huge_pages = {HugePages{2 * kMiB, 2048, free_2m}, HugePages{kGiB, 32, free_1g}};
  result.distances = id == 0 ? std::vector<unsigned>{10, 21} : std::vector<unsigned>{21, 10};
  return result;
}

}  // namespace

Host two_sockets() {
  Host host;
  add_pci(host);
  add_cpus(host);
  host.numa_nodes = std::vector<NumaNode>{node(0, host.cpus->packages[0].cpus, 1024, 16),
                                          node(1, host.cpus->packages[1].cpus, 2048, 4)};
  host.domains = Absent{};
  host.holders = std::vector<Holder>{};
  ask_the_rest(host);
  return host;
}

PciFunction& function_of(Host& host, PciAddress address) {
  return *std::ranges::find(host.functions, address, &PciFunction::address);
}

Domain running_guest(const std::string& name, const std::vector<DeviceId>& devices, const CpuSet& pinned) {
  Domain domain;
  domain.name = name;
  domain.active = domain.persistent = true;
  domain.live_devices = domain.persistent_devices = devices;
  domain.pinned_cpus = pinned;
  return domain;
}

}  // namespace gpupass
