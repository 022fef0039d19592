// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/holders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>

#include "probe/folder.hpp"
#include "probe/pci/direct_links.hpp"
#include "probe/pci/driver_identity.hpp"
#include "probe/pci/function_above.hpp"
#include "probe/use/control_group.hpp"
#include "values/card.hpp"
#include "values/number.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// Which functions a node of a host driver opens.
using Nodes = std::multimap<std::string, PciAddress, std::less<>>;

Nodes nodes_of(const System& system, const Host& host) {
  Nodes nodes;
  for (const PciFunction& function : host.functions) {
    if (!function.driver || *function.driver == "vfio-pci") continue;
    const PciAddress address = function.address;
    const std::string folder = sysfs_folder(address);
    for (const std::string& name : system.list(folder + "/drm").value_or({}))
      nodes.emplace("/dev/dri/" + name, address);
    for (const std::string& card : system.list(folder + "/sound").value_or({}))
      if (card.starts_with("card")) nodes.emplace("/dev/snd/C" + card.substr(4), address);
    for (const std::string& name : system.list(folder + "/accel").value_or({}))
      nodes.emplace("/dev/accel/" + name, address);
    if (*function.driver == "nvidia")
      if (const auto minor = nvidia_minor(system, address))
        nodes.emplace(fmt::format("/dev/nvidia{}", *minor), address);
  }
  for (const std::string& name : system.list("/sys/class/i2c-dev").value_or({}))
    if (const auto address = function_above(system, "/sys/class/i2c-dev/" + name))
      nodes.emplace("/dev/" + name, *address);
  return nodes;
}

/// What a node of VFIO opens.
struct Opened {
  std::uint32_t group = kNoGroup;
  std::string mediated = {};
  static constexpr std::uint32_t kNoGroup = 0xffffffff;
  friend auto operator<=>(const Opened&, const Opened&) = default;
};

/// By the node's name. Of functions those in /dev/vfio/devices, of mediated devices those of their groups
/// too.
using Openable = std::map<std::string, Opened>;

void add_nodes(const System& system, const std::string& folder, const Opened& opened, Openable& nodes) {
  for (const std::string& name : system.list(folder + "/vfio-dev").value_or({}))
    nodes["/dev/vfio/devices/" + name] = opened;
}

Openable vfio_nodes(const System& system, const Host& host) {
  Openable nodes;
  for (const PciFunction& function : host.functions)
    if ((on_vfio(function) || function.vgpu_type) && function.iommu_group)
      add_nodes(system, sysfs_folder(function.address), {*function.iommu_group}, nodes);
  const std::string folder = "/sys/bus/mdev/devices";
  for (const std::string& uuid : system.list(folder).value_or({})) {
    const std::string target = system.link(folder + '/' + uuid + "/iommu_group").value_or("");
    const auto group = parse_number<std::uint32_t>(std::string_view(target).substr(target.rfind('/') + 1));
    const Opened opened{group.value_or(Opened::kNoGroup), uuid};
    add_nodes(system, folder + '/' + uuid, opened, nodes);
    if (group) nodes[fmt::format("/dev/vfio/{}", *group)] = opened;
  }
  return nodes;
}

/// "/dev/snd/C1" of "/dev/snd/pcmC1D0p" and of "/dev/snd/controlC1"; others stay as they are.
std::string node_of_card(std::string_view node) {
  constexpr std::string_view kSound = "/dev/snd/";
  const std::size_t card = node.find('C', kSound.size());
  if (!node.starts_with(kSound) || card == node.npos) return std::string(node);
  const std::size_t end = node.find_first_not_of("0123456789", card + 1);
  return std::string(kSound) + std::string(node.substr(card, end == node.npos ? end : end - card));
}

std::string command_of(const System& system, int pid) {
  return system.read(fmt::format("/proc/{}/comm", pid)).value_or("");
}

void add_groups(const System& system, const Openable& by_node, const Process& process,
                std::vector<Holder>& holders) {
  std::set<Opened> opened;
  for (const Node& node : process.nodes)
    if (const auto known = by_node.find(node.name); known != by_node.end())
      opened.insert(known->second);
    else if (const auto group = vfio_group(node.name))
      opened.insert({*group});
  for (const Opened& each : opened)
    holders.push_back({each.group, process.pid, command_of(system, process.pid), each.mediated});
}

/// The GPUs of a process that has /dev/kfd open: those for which the kernel keeps its use of memory. Where it
/// does not tell, those whose own nodes the process has open, for it reaches their memory through these:
/// kfd_ioctl_acquire_vm() of drivers/gpu/drm/amd/amdkfd/kfd_chardev.c. Else all.
std::set<PciAddress> kfd_gpus_of(const System& system, const Host& host,
                                 const std::map<std::uint32_t, PciAddress>& by_id, int pid,
                                 const std::set<PciAddress>& open) {
  std::set<PciAddress> gpus, all;
  for (const PciFunction& function : host.functions)
    if (function.driver && *function.driver == "amdgpu") {
      all.insert(function.address);
      if (open.contains(function.address)) gpus.insert(function.address);
    }
  if (gpus.empty()) gpus = all;
  const auto names = system.list(fmt::format("/sys/class/kfd/kfd/proc/{}", pid));
  if (!names) return gpus;
  std::set<PciAddress> used;
  for (const std::string& name : *names) {
    constexpr std::string_view kMemory = "vram_";
    if (!name.starts_with(kMemory)) continue;
    const auto id = parse_number<std::uint32_t>(std::string_view(name).substr(kMemory.size()));
    const auto gpu = by_id.find(id.value_or(0));
    if (gpu == by_id.end()) return gpus;
    used.insert(gpu->second);
  }
  return used;
}

/// Whether a driver of the host has it.
bool is_driven(const Host& host, PciAddress address) {
  const PciFunction* function = find_function(host, address);
  return function && function->driver && !on_vfio(*function);
}

void add_users(const System& system, const Host& host, const Nodes& nodes,
               const std::map<std::uint32_t, PciAddress>& kfd, const Process& process,
               std::vector<DeviceUser>& users) {
  const std::size_t others = users.size();
  std::set<PciAddress> open;
  const auto add = [&](PciAddress device, const Node& node) {
    if (!is_driven(host, device)) return;
    open.insert(device);
    users.push_back({device, node.name, process.pid, {}});
  };
  const Node kKfd{"/dev/kfd"};
  for (const Node& node : process.nodes) {
    if (node.function) {
      add(*node.function, node);
    } else if (node != kKfd) {
      const auto [first, last] = nodes.equal_range(node_of_card(node.name));
      for (auto at = first; at != last; ++at) add(at->second, node);
    }
  }
  if (process.nodes.contains(kKfd))
    for (const PciAddress gpu : kfd_gpus_of(system, host, kfd, process.pid, open)) add(gpu, kKfd);
  if (users.size() == others) return;  // Most processes have none, so their names are not read.
  const std::string command = command_of(system, process.pid);
  const std::string name = fmt::to_string(process.pid);
  const std::string service = service_of(system, name), session = session_of(system, name);
  for (DeviceUser& user : std::span(users).subspan(others)) {
    user.command = command;
    user.service = service;
    user.session = session;
  }
}

}  // namespace

void read_holders(const System& system, Mappings mappings, Limits& limits, Host& host) {
  const Processes processes = read_processes(system, mappings);
  const bool users = mappings == Mappings::Yes;
  if (processes.all.empty() && processes.hidden == 0) {
    limits.add("holders of /dev/vfio", "this machine shows no processes");
    host.holders = Absent{};
    if (users) host.users = Absent{};
    return;
  }
  if (processes.hidden > 0) {
    const std::string why =
        fmt::format("the open files of {} process{} are hidden: needs root with CAP_SYS_PTRACE",
                    processes.hidden, processes.hidden == 1 ? "" : "es");
    limits.add("holders of /dev/vfio", why);
    host.holders = Unknown{why};
    if (users) host.users = Unknown{why};
    return;
  }
  host.holders = std::vector<Holder>{};
  const Openable groups = vfio_nodes(system, host);
  for (const Process& process : processes.all) add_groups(system, groups, process, *host.holders);
  std::ranges::sort(*host.holders, {},
                    [](const Holder& holder) { return std::tie(holder.iommu_group, holder.pid); });
  if (!users) return;
  host.users = std::vector<DeviceUser>{};
  const Nodes nodes = nodes_of(system, host);
  const auto kfd = kfd_gpus(system, host);
  for (const Process& process : processes.all) add_users(system, host, nodes, kfd, process, *host.users);
  std::ranges::sort(*host.users, {},
                    [](const DeviceUser& user) { return std::tie(user.device, user.pid, user.node); });
  // Open, and mapped.
  host.users->erase(std::unique(host.users->begin(), host.users->end()), host.users->end());
}

}  // namespace gpupass
