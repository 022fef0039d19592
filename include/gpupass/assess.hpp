// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/pci.hpp"

/// What policy says about GPUs and IOMMU groups, as plain values: everything that a program needs to show
/// them.
#pragma GCC visibility push(default)
namespace gpupass {

/// What a GPU's name stands for. One device: its address ("0000:65:00.0", "65:00.0", "pci_0000_65_00_0"), its
/// UUID, its serial number, the beginning of its address ("65:00") or UUID, or a part of its model's name.
/// Collective: "10de:2330", "node:1", "all".
struct Selection {
  std::vector<PciAddress> gpus;      ///< Ascending.
  std::vector<Finding> passed_over;  ///< What a collective form left out, and why.
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// What a member of an IOMMU group is to the GPU in it.
enum class Role {
  Gpu,
  Companion,  ///< Another function of a GPU's own card.
  Bridge,
  Other,
};
/// "gpu", "companion", "bridge", "other".
std::string_view to_string(Role role);

struct GroupMember {
  PciAddress address;
  Role role = Role::Other;
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

/// Whether anything outside can reach a group's devices, or be reached by them, past the IOMMU.
struct Isolation {
  Answer kernel = Answer::Unknown;  ///< Yes: the kernel's group holds the functions of one card, and bridges.
  Answer acs = Answer::Unknown;     ///< By the walk over every port's ACS capability.
  std::vector<PciAddress> peers;    ///< Functions outside the card that the walk finds reachable.
  std::vector<PciAddress> merged_by;  ///< The ports whose missing ACS lets them.
  std::string why;                    ///< Why one of the two answers is unknown; empty otherwise.
  friend bool operator==(const Isolation&, const Isolation&) = default;
};

/// One IOMMU group.
struct GroupAssessment {
  std::uint32_t id = 0;
  std::vector<GroupMember> members;  ///< Ascending, bridges included.
  Isolation isolation;
  friend bool operator==(const GroupAssessment&, const GroupAssessment&) = default;
};

/// Partial: the GPU is on vfio-pci, but another function of its group or card is on a driver of the host.
enum class GpuState { Host, Vfio, Partial, Assigned, Unbound, Sliced, Wedged, Quarantined, Unknown };
/// "host", "vfio", "partly", "assigned", "unbound", "sliced", "wedged", "quarantined", "unknown".
std::string_view to_string(GpuState state);

/// One GPU, with everything that its owner wants to know.
struct Assessment {
  DeviceId device;
  bool virtual_function = false;
  std::vector<PciAddress> functions;  ///< Of the same card, itself included.
  GpuState state = GpuState::Unknown;
  std::string domain;                  ///< Which guest has it; empty: none.
  std::vector<std::string> wanted_by;  ///< Guests whose definition names it.
  Answer assignable = Answer::Unknown;
  std::vector<Finding> reasons;            ///< Why not, or why not certainly.
  std::vector<GroupMember> group_members;  ///< Of its IOMMU group. Empty: it has none, or that is not known.
  Isolation isolation;                     ///< Unknown where configuration space was not asked for.
  /// Whether it is the device that the boot binding of its address names; nullopt: the address has no boot
  /// binding.
  std::optional<Answer> bound_at_boot = {};
  friend bool operator==(const Assessment&, const Assessment&) = default;
};

/// The way of the traffic between two devices, the shortest first.
enum class Way {
  Itself,
  Xgmi,       ///< Linked directly, by AMD's Infinity Fabric.
  OneSwitch,  ///< Through one PCI Express switch at most.
  Switches,   ///< Through several switches, and no host bridge.
  HostBridge,
  Node,   ///< Through several host bridges of one NUMA node.
  Nodes,  ///< Between NUMA nodes.
  Unknown,
};
/// The words of nvidia-smi: "X", "XGMI", "PIX", "PXB", "PHB", "NODE", "SYS"; "?".
std::string_view to_string(Way way);

/// How the devices of a host that move much data reach each other.
struct WayMatrix {
  enum class Kind { Gpu, Network, Nvme };
  struct Device {
    Kind kind = Kind::Gpu;
    PciAddress address;
    Fact<CpuSet> cpus;  ///< Of its node.
    Fact<int> node;
    friend bool operator==(const Device&, const Device&) = default;
  };
  std::vector<Device> devices;         ///< GPUs first, NVMe drives last, each kind ascending.
  std::vector<std::vector<Way>> ways;  ///< A row for each device, with a column for each.
  friend bool operator==(const WayMatrix&, const WayMatrix&) = default;
};
/// "gpu", "network", "nvme".
std::string_view to_string(WayMatrix::Kind kind);

/// How the link above a function does, beside the best that both its ends can.
enum class LinkHealth {
  Best,
  Resting,  ///< Slower, as a GPU's is while it has nothing to do.
  Slow,
  Narrow,  ///< Lanes are missing.
  Unknown,
};
/// "best", "resting", "slow", "narrow", "unknown".
std::string_view to_string(LinkHealth health);

struct LinkAssessment {
  PciAddress address;  ///< The function at the lower end.
  LinkHealth health = LinkHealth::Unknown;
  PciLink link;  ///< As it is now; its maximum is what both ends can.
  friend bool operator==(const LinkAssessment&, const LinkAssessment&) = default;
};

/// What a drawing of a host tells beside the host itself.
struct Picture {
  std::vector<Assessment> gpus;
  std::vector<LinkAssessment> links;  ///< Ascending.
  friend bool operator==(const Picture&, const Picture&) = default;
};

/// What keeps a GPU from going to a guest now, the hardest first.
enum class Obstacle {
  Reboot,
  Iommu,
  Firmware,  ///< A setting of it.
  Reset,
  Group,   ///< Others are in it.
  Slices,  ///< It is cut into some.
  Guest,   ///< One has it.
  Screen,  ///< The host's is shown by it.
  Use,     ///< The host uses it, or what moves with it.
  Other,
  Unknown,
};

/// What a check comes to.
struct Readiness {
  std::size_t gpus = 0;             ///< That were checked.
  std::vector<Obstacle> obstacles;  ///< One of each GPU that is not ready.
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

/// A host at a glance.
struct Overview {
  struct Gpu {
    Assessment assessment;
    std::string next;  ///< What a user would type next; VM stands for the name of a guest.
    friend bool operator==(const Gpu&, const Gpu&) = default;
  };
  /// Whether the host itself lets GPUs go: its IOMMU confines them.
  Answer ready = Answer::Unknown;
  std::vector<Gpu> gpus;       ///< Those in trouble first, those that show the host's screen last.
  std::vector<Finding> needs;  ///< What somebody must see to, each with its remedy, the worst first.
  friend bool operator==(const Overview&, const Overview&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
