// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/validated_guest.hpp"

#include <fmt/format.h>

#include "support/two_cells.hpp"
#include "support/two_sockets.hpp"

namespace gpupass {

namespace {

constexpr PciLink kLink{32, 16, 32, 16};

PciFunction guest_function(PciAddress address, std::uint32_t class_code, std::string root_bus, int node) {
  PciFunction function;
  function.address = address;
  function.class_code = class_code;
  function.vendor = 0x10de;
  function.device = 0x2330;
  function.root_bus = std::move(root_bus);
  function.parent = Absent{};
  function.numa_node = node;
  function.link = kLink;
  function.driver = Absent{};
  return function;
}

void add_branch(Host& guest, PciAddress gpu, std::uint8_t bus, int node) {
  const std::string root = fmt::format("pci0000:{:02x}", bus);
  PciFunction port = guest_function({0, bus, 0, 0}, 0x060400, root, node);
  port.vendor = 0x1b36;
  port.device = 0x000c;
  guest.functions.push_back(port);
  PciFunction function = guest_function(gpu, 0x030200, root, node);
  function.parent = port.address;
  function.driver = std::string("nvidia");
  guest.functions.push_back(function);
  set_large_bar(guest, gpu, std::uint64_t{64} << 30);
}

std::string listed_function(PciAddress address, const char* more) {
  return fmt::format("[/sys/bus/pci/devices/{}] ...\n{}", address.to_string(), more);
}

constexpr const char* kListedPort = R"(class = 0x060400
vendor = 0x1b36
device = 0x000c
numa_node = {0}
current_link_speed = 2.5 GT/s PCIe
current_link_width = 1
max_link_speed = 16.0 GT/s PCIe
max_link_width = 32
driver -> ../../../bus/pci/drivers/pcieport
physfn -
resource =
| 0x0000000000000000 0x0000000000000000 0x0000000000000000
)";

constexpr const char* kListedGpu = R"(class = 0x030200
vendor = 0x10de
device = 0x2330
numa_node = {0}
current_link_speed = 32.0 GT/s PCIe
current_link_width = 16
max_link_speed = 32.0 GT/s PCIe
max_link_width = 16
driver -> ../../../../bus/pci/drivers/nvidia
physfn -
resource =
| 0x00000000e0000000 0x00000000e0ffffff 0x0000000000040200
| 0x0000010000000000 0x0000010fffffffff 0x000000000014220c
| 0x0000000000000000 0x0000000000000000 0x0000000000000000
| 0x0000008000000000 0x0000008001ffffff 0x000000000014220c
| 0x0000000000000000 0x0000000000000000 0x0000000000000000
| 0x0000000000000000 0x0000000000000000 0x0000000000000000
| 0x0000000000000000 0x0000000000000000 0x0000000000000000
)";

}  // namespace

std::string definition_of_guest() {
  return R"(<domain type='kvm'>
  <name>vm</name>
  <memory unit='GiB'>2</memory>
  <vcpu>8</vcpu>
  <numatune>
    <memnode cellid='0' mode='strict' nodeset='0'/>
    <memnode cellid='1' mode='strict' nodeset='1'/>
  </numatune>
  <cpu>
    <numa>
      <cell id='0' cpus='0-3' memory='1' unit='GiB'/>
      <cell id='1' cpus='4-7' memory='1' unit='GiB'/>
    </numa>
  </cpu>
  <devices>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-expander-bus'>
      <target busNr='128'><node>0</node></target>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>
    </controller>
    <controller type='pci' index='2' model='pcie-expander-bus'>
      <target busNr='192'><node>1</node></target>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>
    </controller>
    <controller type='pci' index='3' model='pcie-root-port'>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </controller>
    <controller type='pci' index='4' model='pcie-root-port'>
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </controller>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
    <hostdev mode='subsystem' type='pci' managed='no'>
      <source><address domain='0x0000' bus='0x41' slot='0x00' function='0x0'/></source>
      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
    </hostdev>
    <hostdev mode='subsystem' type='pci' managed='no'>
      <source><address domain='0x0000' bus='0x41' slot='0x00' function='0x1'/></source>
      <address type='unassigned'/>
    </hostdev>
    <hostdev mode='subsystem' type='pci' managed='no'>
      <source><address domain='0x0000' bus='0xc1' slot='0x00' function='0x0'/></source>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </hostdev>
  </devices>
</domain>
)";
}

Host host_with_guest() {
  Host host = two_sockets();
  for (PciFunction& function : host.functions) function.link = kLink;
  for (const PciAddress gpu : {kGpu0, kGpu1}) {
    function_of(host, gpu).device = 0x2330;
    function_of(host, gpu).driver = std::string("vfio-pci");
    set_large_bar(host, gpu, std::uint64_t{64} << 30);
  }
  Domain guest = running_guest("vm", {kGpu0, kAudio0, kGpu1}, {});
  guest.live_xml = guest.persistent_xml = definition_of_guest();
  host.domains = std::vector<Domain>{guest};
  return host;
}

GuestFacts healthy_guest() {
  Host machine;
  add_branch(machine, kGuestGpu0, 0x80, 0);
  add_branch(machine, kGuestGpu1, 0xc0, 1);
  NumaNode node;
  node.cpus = CpuSet{0, 1, 2, 3};
  machine.numa_nodes = std::vector<NumaNode>{node};
  node.id = 1;
  node.cpus = CpuSet{4, 5, 6, 7};
  machine.numa_nodes->push_back(node);
  machine.only_node = Absent{};
  GuestFacts guest;
  guest.runs_programs = true;
  guest.system = std::string("Debian GNU/Linux 12 (bookworm)");
  guest.machine = machine;
  guest.nvidia_gpus = std::vector<NvidiaGpu>{{kGuestGpu0, "550.54.15"}, {kGuestGpu1, "550.54.15"}};
  guest.errors = std::vector<std::string>();
  return guest;
}

std::string listing_of_guest() {
  std::string text = R"(gpupass host 1
[+capture]
[/sys/bus/pci/devices]
0000:80:00.0 -> ../../../devices/pci0000:80/0000:80:00.0
0000:81:00.0 -> ../../../devices/pci0000:80/0000:80:00.0/0000:81:00.0
0000:c0:00.0 -> ../../../devices/pci0000:c0/0000:c0:00.0
0000:c1:00.0 -> ../../../devices/pci0000:c0/0000:c0:00.0/0000:c1:00.0
)";
  for (const int node : {0, 1}) {
    const PciAddress gpu = node == 0 ? kGuestGpu0 : kGuestGpu1;
    const PciAddress port{0, static_cast<std::uint8_t>(gpu.bus - 1), 0, 0};
    text += listed_function(port, fmt::format(fmt::runtime(kListedPort), node).c_str());
    text += listed_function(gpu, fmt::format(fmt::runtime(kListedGpu), node).c_str());
  }
  return text + R"([/sys/devices/system/node]
node0 ?
node1 ?
[/sys/devices/system/node/node0] ...
cpulist = 0-3
[/sys/devices/system/node/node1] ...
cpulist = 4-7
[+end]
)";
}

}  // namespace gpupass
