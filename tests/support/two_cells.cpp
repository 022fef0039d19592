// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/two_cells.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass {

namespace {

void add_below(Host& host, PciAddress port, std::uint32_t group, PciAddress address,
               std::uint32_t class_code) {
  PciFunction function = function_of(host, kGpu1);
  function.address = address;
  function.class_code = class_code;
  function.parent = port;
  function.iommu_group = group;
  host.functions.push_back(function);
}

void add_port(Host& host, PciAddress address, Fact<int> node) {
  PciFunction port = function_of(host, PciAddress{0, 0x40, 1, 0});
  port.address = address;
  port.numa_node = std::move(node);
  host.functions.push_back(port);
}

}  // namespace

Host two_sockets_with_companions() {
  Host host = two_sockets();
  const PciAddress port0{0, 0x40, 2, 0}, port1{0, 0xc0, 2, 0}, port_of_none{0, 0xe0, 1, 0};
  add_port(host, port0, 0);
  add_port(host, port1, 1);
  add_port(host, port_of_none, Absent{});
  add_below(host, port0, 11, kNvme, 0x010802);
  add_below(host, port1, 12, kNic, 0x020000);
  add_below(host, port1, 13, kNicPort1, 0x020000);
  add_below(host, port_of_none, 14, kStray, 0x030200);
  host.groups->push_back({11, {kNvme}, std::string("DMA-FQ"), {}});
  host.groups->push_back({12, {kNic}, std::string("DMA-FQ"), {}});
  host.groups->push_back({13, {kNicPort1}, std::string("DMA-FQ"), {}});
  host.groups->push_back({14, {kStray}, std::string("DMA-FQ"), {}});
  std::ranges::sort(host.functions, {}, &PciFunction::address);
  return host;
}

void set_large_bar(Host& host, PciAddress address, std::uint64_t size_bytes) {
  const Bar registers{0, 0xe0000000, 16 * kMiB, true, false, false};
  const Bar memory{1, std::uint64_t{1} << 40, size_bytes, true, true, true};
  const Bar small{3, std::uint64_t{1} << 39, 32 * kMiB, true, true, true};
  function_of(host, address).bars = std::vector<Bar>{registers, memory, small};
}

Placement two_cells(const Request& request, unsigned threads_per_core) {
  Placement placement;
  placement.gpus = {kGpu0, kGpu1};
  placement.threads_per_core = threads_per_core;
  placement.emulator_cpus = {0, 8, 16, 24};
  const unsigned vcpus = request.vcpus.value_or(8);
  unsigned vcpu = 0;
  for (const unsigned node : {0u, 1u}) {
    Cell cell{node,
              {},
              request.memory_bytes.value_or(std::uint64_t{2} << 30) / 2,
              request.page_size_bytes.value_or(4096)};
    if (cell.page_size_bytes == 0) cell.page_size_bytes = 4096;
    const unsigned share = node == 0 ? vcpus - vcpus / 2 : vcpus / 2;
    for (unsigned i = 0; i < share; ++i, ++vcpu) {
      const unsigned core = 8 * node + 1 + i / threads_per_core;
      const CpuSet cpus{core + 16 * (i % threads_per_core)};
      cell.cpus |= cpus;
      placement.vcpu_pins.push_back({vcpu, cpus});
    }
    placement.cells.push_back(cell);
  }
  return placement;
}

}  // namespace gpupass
