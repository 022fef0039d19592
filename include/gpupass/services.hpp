// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpupass/boot.hpp"
#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"
#include "gpupass/domain.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/topology.hpp"

/// Questions and orders for the services of a machine. Files of the kernel need no service: see Files.
#pragma GCC visibility push(default)
namespace gpupass {

// Questions. `Reply` is the type of the answer. The worker's function for the same type answers most of them,
// because that may block or load large libraries.

/// The CPUs that are online, from sysfs. Absent: the machine describes none.
struct CpuTopologyQuestion {
  using Reply = CpuTopology;
  friend bool operator==(const CpuTopologyQuestion&, const CpuTopologyQuestion&) = default;
};

/// All domains of the hypervisor, ascending by name, without secrets. Absent: there is no hypervisor.
struct DomainsQuestion {
  using Reply = std::vector<DomainXml>;
  friend bool operator==(const DomainsQuestion&, const DomainsQuestion&) = default;
};

/// The hypervisor's networks that are active, ascending. Absent: there is no hypervisor.
struct NetworksQuestion {
  using Reply = std::vector<std::string>;
  friend bool operator==(const NetworksQuestion&, const NetworksQuestion&) = default;
};

/// The files of gpupass and vfio-pci in a boot image: paths without the first slash, ascending. Absent: there
/// is no such image.
struct BootImageQuestion {
  using Reply = std::vector<std::string>;
  BootTool tool = BootTool::InitramfsTools;
  std::string path;
  friend bool operator==(const BootImageQuestion&, const BootImageQuestion&) = default;
};

/// Whether systemd runs a service.
struct ServiceQuestion {
  using Reply = bool;
  std::string unit;
  friend bool operator==(const ServiceQuestion&, const ServiceQuestion&) = default;
};

/// NVIDIA's persistence mode of one GPU.
struct PersistenceMode {
  PciAddress device;
  Fact<bool> on;
  friend bool operator==(const PersistenceMode&, const PersistenceMode&) = default;
};

/// The persistence mode of GPUs that NVIDIA's driver has, in this order. One question for all of them, as the
/// driver's library begins with every GPU of the machine. Absent: the machine is captured.
struct PersistenceQuestion {
  using Reply = std::vector<PersistenceMode>;
  std::vector<PciAddress> devices;
  friend bool operator==(const PersistenceQuestion&, const PersistenceQuestion&) = default;
};

/// MIG of one GPU.
struct MigOfGpu {
  PciAddress device;
  Fact<Mig> mig;  ///< Absent: the GPU can have none.
  friend bool operator==(const MigOfGpu&, const MigOfGpu&) = default;
};

/// MIG of GPUs that NVIDIA's driver has, in this order, as its library tells it. Absent: the machine is
/// captured.
struct MigQuestion {
  using Reply = std::vector<MigOfGpu>;
  std::vector<PciAddress> devices;
  friend bool operator==(const MigQuestion&, const MigQuestion&) = default;
};

/// Whether somebody has a disk for himself, as a file system or a pool has it.
struct DiskState {
  std::string name;
  Fact<bool> held;  ///< Absent: there is no such disk, or the machine is captured and does not tell.
  friend bool operator==(const DiskState&, const DiskState&) = default;
};

/// The states of disks, by the kernel's names, "nvme0n1p2", in this order.
struct DisksQuestion {
  using Reply = std::vector<DiskState>;
  std::vector<std::string> disks;
  friend bool operator==(const DisksQuestion&, const DisksQuestion&) = default;
};

/// A command for the agent in a running guest, QEMU's. libvirt marks the guest as one that got a foreign
/// command. The answer is foreign text of at most kLargestAgentReply bytes. Unknown: there is no agent, it
/// does not answer in time, or it refuses.
struct AgentQuestion {
  using Reply = std::string;
  std::string domain;
  std::string command;  ///< JSON: {"execute": "guest-info"}.
  unsigned seconds = 5;
  friend bool operator==(const AgentQuestion&, const AgentQuestion&) = default;
};
inline constexpr std::size_t kLargestAgentReply = 1 << 20;

/// A question, and its answer once there is one.
template <typename Question>
struct Exchange {
  Question question;
  Fact<typename Question::Reply> answer = {};
  friend bool operator==(const Exchange&, const Exchange&) = default;
};

/// Any question with its answer.
using AnyExchange =
    std::variant<Exchange<CpuTopologyQuestion>, Exchange<DomainsQuestion>, Exchange<NetworksQuestion>,
                 Exchange<BootImageQuestion>, Exchange<ServiceQuestion>, Exchange<PersistenceQuestion>,
                 Exchange<MigQuestion>, Exchange<DisksQuestion>, Exchange<AgentQuestion>>;

// Orders.

struct LoadModuleOrder {
  std::string name;
};

/// Builds a new boot image at replacement_path() of the present one. May take minutes.
struct BuildBootImageOrder {
  BootTool tool = BootTool::InitramfsTools;
  BootImage image;
};

/// Exchanges a boot image with the one beside it, in one step, and tells the boot loader if necessary.
struct ExchangeBootImageOrder {
  BootTool tool = BootTool::InitramfsTools;
  BootImage image;
};

/// Removes the image beside this one, if it exists.
struct DropBootImageOrder {
  BootImage image;
};

/// Makes the boot loader's configuration anew from its files: GRUB's, by update-grub.
struct UpdateBootLoaderOrder {};

/// Starts or stops a service of systemd.
struct ServiceOrder {
  std::string unit;
  bool running = false;
};

/// Sets NVIDIA's persistence mode of a GPU.
struct PersistenceOrder {
  PciAddress device;
  bool on = false;
};

/// Puts a GPU into MIG mode, or out of it. The driver may reset the GPU for that. An error where the mode is
/// not at once as asked.
struct MigModeOrder {
  PciAddress device;
  bool on = false;
};

/// Makes a GPU instance of MIG at one place, with compute instances, or removes all of these and then it.
/// What is there of it already stays. If it cannot be made whole, nothing of it stays that was not there.
struct MigInstanceOrder {
  PciAddress device;
  unsigned profile_id = 0;  ///< As MigGpuInstance has it.
  unsigned start = 0;
  unsigned size = 0;
  std::vector<MigSpan> compute;  ///< Ascending.
  bool present = false;
};

/// Makes the image at seed_path(), for root's eyes only, whole or not at all. A file that is there already is
/// an error.
struct WriteSeedOrder {
  std::string domain;
  std::string user_data;
};

/// Lets systemd run what is in one of its slices on these CPUs alone, until the next boot.
struct AllowedCpusOrder {
  std::string unit;  ///< "system.slice", "user.slice", "init.scope".
  CpuSet cpus;       ///< Empty: on any.
};

/// Has libvirt keep a mediated device over boots, by mdevctl, or forget it.
struct MediatedDefinitionOrder {
  std::string uri;
  DeviceId device;
  PciAddress parent;
  std::string type;
  std::optional<bool> at_boot;  ///< As SetMediatedDefinition has it.
};

/// Any order.
using Order = std::variant<LoadModuleOrder, BuildBootImageOrder, ExchangeBootImageOrder, DropBootImageOrder,
                           ServiceOrder, PersistenceOrder, WriteSeedOrder, UpdateBootLoaderOrder,
                           AllowedCpusOrder, MediatedDefinitionOrder, MigModeOrder, MigInstanceOrder>;

}  // namespace gpupass
#pragma GCC visibility pop
