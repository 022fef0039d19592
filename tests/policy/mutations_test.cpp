// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"
#include "support/two_sockets.hpp"

/// Each fact of a healthy host is broken, one at a time: check() names what is broken, and says nothing else.
/// GPUPASS_SHOW_MUTATIONS prints the table.
namespace gpupass::mutations_test {
namespace {

using Ids = std::set<std::string>;

struct Mutation {
  std::string name;
  Ids expected;  ///< What check() says then, and did not before.
  std::function<void(Host& host, PciFunction& gpu)> apply;
  std::function<bool(const Host& host, const PciFunction& gpu)> fits = [](const Host&, const PciFunction&) {
    return true;
  };
};

PciFunction& port_of(Host& host, const PciFunction& gpu) {
  return function_of(host, *gpu.parent);
}

bool has_switch(const Host& host, const PciFunction& gpu) {
  return path_to_root(host, gpu).size() >= 3;
}

bool has_nodes(const Host& host, const PciFunction&) {
  return host.numa_nodes->size() > 1;
}

NumaNode& node_of(Host& host, const PciFunction& gpu) {
  const auto id = static_cast<unsigned>(*nearest_numa_node(host, gpu));
  return *std::ranges::find(*host.numa_nodes, id, &NumaNode::id);
}

IommuGroup& group_of(Host& host, const PciFunction& gpu) {
  return *std::ranges::find(*host.groups, *gpu.iommu_group, &IommuGroup::id);
}

/// Another card in the GPU's group.
void add_to_group(Host& host, PciFunction& gpu, const Fact<std::string>& driver) {
  PciFunction other;
  other.address = gpu.address;
  other.address.device = 0x1e;
  other.class_code = 0x020000;
  other.vendor = 0x8086;
  other.device = 0x1572;
  other.subsystem_vendor = 0x8086;
  other.subsystem_device = 0x1572;
  other.driver = driver;
  other.driver_override = Absent{};
  other.iommu_group = gpu.iommu_group;
  other.parent = gpu.parent;
  other.root_bus = gpu.root_bus;
  other.physical_function = Absent{};
  other.sriov = Absent{};
  other.reset_methods = std::vector<std::string>{"flr"};
  other.bars = std::vector<Bar>{};
  other.config = gpu.config;
  group_of(host, gpu).members.push_back(other.address);
  host.functions.push_back(other);  // Invalidates `gpu`.
  std::ranges::sort(host.functions, {}, &PciFunction::address);
}

std::function<void(Host&, PciFunction&)> use(DeviceUse::Kind kind, const char* what) {
  return [=](Host& host, PciFunction& gpu) { host.uses->push_back({gpu.address, kind, what, ""}); };
}

std::function<void(Host&, PciFunction&)> option(const char* text) {
  return [=](Host& host, PciFunction&) { host.iommu->kernel_options.emplace_back(text); };
}

template <typename T>
std::function<void(Host&, PciFunction&)> set(Fact<T> Platform::* fact, T value) {
  return [=](Host& host, PciFunction&) { (*host.platform).*fact = value; };
}

template <typename T>
std::function<void(Host&, PciFunction&)> set(Fact<T> PciFunction::* fact, Fact<T> value) {
  return [=](Host&, PciFunction& gpu) { gpu.*fact = value; };
}

template <typename T>
std::function<void(Host&, PciFunction&)> set_port(Fact<T> PciFunction::* fact, Fact<T> value) {
  return [=](Host& host, PciFunction& gpu) { port_of(host, gpu).*fact = value; };
}

std::vector<Mutation> mutations() {
  const Unknown hidden{"Permission denied"};
  using Strings = std::vector<std::string>;
  return {
      {"no IOMMU", {"iommu.active"}, [](Host& h, PciFunction&) { h.iommu->units.clear(); }},
      {"IOMMU unknown", {"iommu.active"}, [=](Host& h, PciFunction&) { h.iommu = hidden; }},
      {"interrupts not remapped",
       {"iommu.interrupts"},
       [](Host& h, PciFunction&) { h.iommu->interrupt_remapping = false; }},
      {"interrupts not remapped, and allowed",
       {"iommu.interrupts"},
       [](Host& h, PciFunction&) {
         h.iommu->interrupt_remapping = false;
         h.iommu->unsafe_interrupts = true;
       }},
      {"ACS override", {"iommu.acs-override"}, option("pcie_acs_override=downstream,multifunction")},
      {"redirection off", {"iommu.acs-lowered"}, option("pci=realloc,disable_acs_redir=0000:80:01.0")},
      {"ACS by option", {"iommu.acs-lowered"}, option("pci=config_acs=0000000@0000:80:01.0")},
      {"narrow IOMMU",
       {"iommu.narrow"},
       [](Host& h, PciFunction&) {
         h.iommu->address_bits = 39;
         h.cpu_address_bits = 46;
       }},
      {"no KVM", {"host.kvm"}, set(&Platform::kvm, false)},
      {"no vfio-pci", {"vfio.driver"}, set(&Platform::vfio_pci, false)},
      {"half of the lanes", {"gpu.link"}, [](Host&, PciFunction& gpu) { gpu.link->width /= 2; }},
      {"one lane", {"gpu.link"}, [](Host&, PciFunction& gpu) { gpu.link->width = 1; }},
      {"link unknown", {"gpu.link"}, set(&PciFunction::link, Fact<PciLink>(hidden))},
      {"fatal errors", {"gpu.errors"}, set(&PciFunction::errors, Fact<PciErrors>(PciErrors{0, 0, 1}))},
      {"errors", {"gpu.errors"}, set(&PciFunction::errors, Fact<PciErrors>(PciErrors{0, 3, 0}))},
      {"many errors", {"gpu.errors"}, set(&PciFunction::errors, Fact<PciErrors>(PciErrors{100000, 0, 0}))},
      {"errors at the port",
       {"gpu.errors"},
       set_port(&PciFunction::errors, Fact<PciErrors>(PciErrors{0, 1, 0}))},
      {"narrow switch",
       {"gpu.path"},
       [](Host& h, PciFunction& gpu) { function_of(h, path_to_root(h, gpu)[1]->address).link->width = 4; },
       has_switch},
      {"slow switch",
       {"gpu.path"},
       [](Host& h, PciFunction& gpu) {
         function_of(h, path_to_root(h, gpu)[1]->address).link->speed_gts = 2.5;
       },
       has_switch},
      {"no node",
       {"gpu.node"},
       [](Host& h, PciFunction& gpu) {
         for (const PciFunction* above : path_to_root(h, gpu))
           function_of(h, above->address).numa_node = Absent{};
         gpu.numa_node = Absent{};
       },
       has_nodes},
      {"a node that is not there", {"gpu.node"}, set(&PciFunction::numa_node, Fact<int>(99)), has_nodes},
      {"a node without CPUs",
       {"gpu.node-cpus"},
       [](Host& h, PciFunction& gpu) { node_of(h, gpu).cpus = CpuSet(); },
       has_nodes},
      {"a node without memory",
       {"gpu.node-memory"},
       [](Host& h, PciFunction& gpu) { node_of(h, gpu).memory_bytes = 0; },
       has_nodes},
      {"huge pages elsewhere",
       {"gpu.node-pages"},
       [](Host& h, PciFunction& gpu) {
         const unsigned near = node_of(h, gpu).id;
         for (NumaNode& node : *h.numa_nodes) node.huge_pages = {{2 << 20, node.id == near ? 0u : 512u, 0}};
       },
       [](const Host& host, const PciFunction& gpu) {
         return has_nodes(host, gpu) &&
                std::ranges::all_of(host.numa_nodes->front().huge_pages,
                                    [](const HugePages& pool) { return pool.total == 0; });
       }},
      {"port without ACS",
       {"group.peers"},
       [](Host& h, PciFunction& gpu) { port_of(h, gpu).config->acs = Absent{}; },
       has_switch},
      {"ACS switched off",
       {"group.peers"},
       [](Host& h, PciFunction& gpu) { port_of(h, gpu).config->acs->control = 0; },
       has_switch},
      {"configuration hidden", {"group.peers"}, set_port(&PciFunction::config, Fact<PciConfig>(hidden))},
      {"no reset", {"gpu.reset"}, set(&PciFunction::reset_methods, Fact<Strings>(Strings{}))},
      {"reset unknown", {"gpu.reset"}, set(&PciFunction::reset_methods, Fact<Strings>(hidden))},
      {"a model that does not come back",
       {"gpu.reset"},
       set(&PciFunction::known_model, Fact<KnownModel>(KnownModel{"Polaris", "a report", "reboot"}))},
      {"driver unknown", {"gpu.unreadable"}, set(&PciFunction::driver, Fact<std::string>(hidden))},
      {"a strange driver",
       {"gpu.driver"},
       set(&PciFunction::driver, Fact<std::string>(std::string("stubborn")))},
      {"override unknown", {"gpu.unreadable"}, set(&PciFunction::driver_override, Fact<std::string>(hidden))},
      {"wedged", {"gpu.wedged"}, [](Host& h, PciFunction& gpu) { h.wedged->push_back(gpu.address); }},
      {"group held",
       {"gpu.held"},
       [](Host& h, PciFunction& gpu) { h.holders->push_back({*gpu.iommu_group, 4711, "qemu"}); }},
      {"in use",
       {"gpu.in-use"},
       [](Host& h, PciFunction& gpu) { h.users->push_back({gpu.address, "/dev/nvidia0", 4712, "python3"}); }},
      {"firmware's display",
       {"gpu.boot-display"},
       [](Host& h, PciFunction& gpu) {
         for (PciFunction& other : h.functions)
           if (other.boot_vga.value_or(false)) other.boot_vga = false;
         gpu.class_code = 0x030000;
         gpu.boot_vga = true;
       }},
      {"console", {"gpu.console"}, use(DeviceUse::Kind::Console, "fb0")},
      {"firmware's framebuffer", {"gpu.framebuffer"}, use(DeviceUse::Kind::Framebuffer, "efifb")},
      {"mediated devices",
       {"gpu.has-mdevs"},
       use(DeviceUse::Kind::Mdev, "11111111-2222-4333-8444-555555555555")},
      {"no addresses",
       {"gpu.no-addresses"},
       [](Host&, PciFunction& gpu) {
         gpu.bars = std::vector<Bar>{{1, 0, std::uint64_t{1} << 34, true, true, true}};
       }},
      {"virtual functions", {"gpu.has-vfs"}, [](Host&, PciFunction& gpu) { gpu.sriov = Sriov{16, 4}; }},
      {"a guest runs with it",
       {"gpu.assigned"},
       [](Host& h, PciFunction& gpu) {
         Domain domain;
         domain.name = "guest";
         domain.active = domain.persistent = true;
         domain.live_devices = domain.persistent_devices = {gpu.address};
         h.domains->push_back(domain);
       }},
      {"another card in the group",
       {"group.foreign-member"},
       [](Host& h, PciFunction& gpu) { add_to_group(h, gpu, std::string("i40e")); }},
      {"an idle card in the group",
       {"group.shared"},
       [](Host& h, PciFunction& gpu) { add_to_group(h, gpu, Absent{}); }},
      {"no group", {"group.missing"}, set(&PciFunction::iommu_group, Fact<std::uint32_t>(Absent{}))},
      {"group unknown", {"group.unknown"}, set(&PciFunction::iommu_group, Fact<std::uint32_t>(hidden))},
      {"reserved memory",
       {"group.reserved-memory"},
       [](Host& h, PciFunction& gpu) {
         group_of(h, gpu).reserved_regions.emplace_back("0x7a000000 0x7bffffff direct");
       }},
      {"claimed",
       {"device.claimed"},
       [](Host& h, PciFunction& gpu) {
         h.claims->push_back(
             {Claim::Owner::Driverctl, "/etc/driverctl.d/x", gpu.address.to_string(), "nouveau"});
       }},
      {"a driver of VFIO's own",
       {"gpu.vfio-driver"},
       [](Host& h, PciFunction& gpu) {
         for (PciFunction& function : h.functions)
           if (function.address.same_slot(gpu.address)) function.driver = std::string("vfio-pci");
         gpu.vfio_driver = std::string("nvgrace_gpu_vfio_pci");
       }},
  };
}

using Told = std::multiset<std::string>;

/// What is not as it should be: "fail gpu.held 0000:65:00.0".
Told trouble(const Host& host, const std::vector<PciAddress>& gpus) {
  Told told;
  for (const Finding& finding : check(host, gpus))
    if (finding.verdict != Verdict::Pass)
      told.insert(std::string(to_string(finding.verdict)) + ' ' + finding.id + ' ' + finding.subject);
  return told;
}

std::string id_in(const std::string& told) {
  const std::size_t start = told.find(' ') + 1;
  return told.substr(start, told.find(' ', start) - start);
}

TEST(Mutations, EachIsNamedAndNothingElse) {
  std::size_t tried = 0;
  for (const char* name : {"8gpu-2socket", "epyc-nps4-8gpu", "snc2-4gpu", "sparse-nodes-2gpu", "smt-off-2gpu",
                           "offline-cpus-2gpu"}) {
    const auto system = open_host(source_path("examples/hosts/" + std::string(name) + ".host"));
    const Host healthy = probe(*system, {.parts = Parts::everything(), .named = {}});
    const std::vector<PciAddress> gpus = gpus_to_check(healthy).gpus;
    const Told before = trouble(healthy, gpus);
    for (const Mutation& mutation : mutations()) {
      Host host = healthy;
      PciFunction& gpu = function_of(host, gpus.back());
      if (!mutation.fits(host, gpu)) continue;
      mutation.apply(host, gpu);
      ++tried;
      Ids ids;
      bool of_it = false;
      for (const std::string& told : trouble(host, gpus)) {
        if (before.contains(told)) continue;
        ids.insert(id_in(told));
        of_it |= told.ends_with(gpus.back().to_string()) || told.ends_with(" host");
      }
      EXPECT_EQ(ids, mutation.expected) << name << ": " << mutation.name;
      EXPECT_TRUE(of_it) << name << ": " << mutation.name;
      if (std::getenv("GPUPASS_SHOW_MUTATIONS"))
        std::cout << name << " | " << mutation.name << " | " << *mutation.expected.begin() << '\n';
    }
  }
  RecordProperty("mutations", static_cast<int>(tried));
  EXPECT_GE(tried, 150u);
}

}  // namespace
}  // namespace gpupass::mutations_test
