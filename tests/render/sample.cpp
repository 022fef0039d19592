// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/sample.hpp"

#include <map>

#include "support/asked.hpp"
#include "support/two_sockets.hpp"

namespace gpupass {

using namespace std::string_literals;

namespace {

void add_busy_gpu(Host& host) {
  PciFunction& gpu = function_of(host, kGpu0);
  gpu.driver = "nvidia"s;
  gpu.subsystem_vendor = std::uint16_t{0x10de};
  gpu.subsystem_device = std::uint16_t{0x1797};
  gpu.revision = std::uint8_t{0xa1};
  gpu.link = PciLink{2.5, 8, 16, 16};
  gpu.bars = std::vector<Bar>{{0, 0xde000000, 16U << 20, true, false, false},
                              {1, 0x20000000000, std::uint64_t{32} << 30, true, true, true},
                              {5, 0xe000, 128, false, false, false},
                              {6, 0, 512U << 10, true, false, false}};
  gpu.reset_methods = std::vector<std::string>{"flr", "bus"};
  gpu.power_state = "D0"s;
  gpu.uuid = "GPU-00000000-0000-0000-0000-000000000001"s;
  gpu.mdev_types = Absent{};
  function_of(host, kAudio0).link = PciLink{2.5, 8, 16, 16};
  PciFunction& port = function_of(host, *gpu.parent);
  port.link = PciLink{2.5, 8, 32, 8};
  port.config = PciConfig{true, false, ExpressType::RootPort, Acs{0x1d, 0x1d}, false, Absent{}};
}

void add_guest_gpu(Host& host) {
  PciFunction& gpu = function_of(host, kGpu1);
  gpu.driver = "vfio-pci"s;
  gpu.driver_override = "vfio-pci"s;
  gpu.link = PciLink{32, 16, 32, 16};
  gpu.bars = Unknown{"/sys/bus/pci/devices/0000:c1:00.0/resource: Permission denied"};
  gpu.sriov = Sriov{16, 0};
  gpu.power_state = "D0"s;
  gpu.config = PciConfig{false, false, ExpressType::Endpoint, Absent{}, true, "0000000000000001"s};
  PciFunction& port = function_of(host, *gpu.parent);
  port.link = PciLink{32, 16, 32, 16};
  port.config = PciConfig{true, false, ExpressType::RootPort, Acs{0x1d, 0x1d}, false, Absent{}};
  host.domains = std::vector<Domain>{running_guest("guest1", {kGpu1}, CpuSet{8, 24})};
  host.holders = std::vector<Holder>{{9, 4711, "qemu-system-x86"}};
  host.homes = std::vector<Home>{Home{kGpu1, {"nvidia", ""}, {0x10de, 0x2330}}};
}

void add_neighbour(Host& host, PciAddress address, std::uint32_t class_code, std::uint16_t vendor,
                   const std::string& driver) {
  PciFunction neighbour;
  neighbour.address = address;
  neighbour.class_code = class_code;
  neighbour.vendor = vendor;
  neighbour.device = std::uint16_t{1};
  neighbour.driver = driver;
  neighbour.numa_node = 1;
  neighbour.parent = Absent{};
  neighbour.physical_function = Absent{};
  host.functions.push_back(neighbour);
}

}  // namespace

Host sample_host() {
  Host host = two_sockets();
  for (PciFunction& function : host.functions) {  // A list and a page say what was not asked of some.
    if (function.link.absent()) function.link = {};
    if (function.reset_methods.absent()) function.reset_methods = {};
  }
  add_busy_gpu(host);
  add_guest_gpu(host);
  add_neighbour(host, {0, 0xc2, 0, 0}, 0x020700, 0x15b3, "mlx5_core");
  add_neighbour(host, {0, 0xc3, 0, 0}, 0x010802, 0x144d, "nvme\x1b[31m");
  function_of(host, kConsole).driver = "ast"s;
  host.limits = {{"ACS of 0000:00:01.0", "config: Permission denied; it needs root"}};
  return host;
}

Host whole_sample() {
  Host host = sample_host();
  ask_the_rest(host);
  return host;
}

NameLookup sample_names() {
  return [](std::uint16_t vendor, std::uint16_t device) {
    static const std::map<std::pair<int, int>, PciNames> names = {
        {{0x10de, 0x2684}, {"NVIDIA Corporation", "AD102 [GeForce RTX 4090]"}},
        {{0x10de, 0x22ba}, {"NVIDIA Corporation", "AD102 High Definition Audio Controller"}},
        {{0x10de, 0x2330}, {"NVIDIA Corporation", ""}},
        {{0x1a03, 0x2000}, {"ASPEED Technology, Inc.", "ASPEED Graphics Family"}},
        {{0x15b3, 1}, {"Mellanox\nTechnologies", "ConnectX-7 \xff"}},
    };
    const auto found = names.find({vendor, device});
    return found == names.end() ? PciNames{} : found->second;
  };
}

}  // namespace gpupass
