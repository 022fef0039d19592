// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/boot.hpp"
#include "gpupass/device.hpp"
#include "gpupass/domain.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/identity.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/platform.hpp"
#include "gpupass/settings.hpp"
#include "gpupass/topology.hpp"
#include "gpupass/tuning.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Functions that the IOMMU cannot tell apart: whoever controls one of them controls all.
struct IommuGroup {
  std::uint32_t id = 0;
  std::vector<PciAddress> members;            ///< Ascending, bridges included.
  Fact<std::string> type;                     ///< "DMA", "DMA-FQ", "identity".
  std::vector<std::string> reserved_regions;  ///< "0xfee00000 0xfeefffff msi", as the kernel prints them.
  friend bool operator==(const IommuGroup&, const IommuGroup&) = default;
};

/// What the kernel says about its IOMMU.
struct Iommu {
  std::vector<std::string> units;  ///< "dmar0", "ivhd0": active IOMMU devices. Empty: none is active.
  /// Those of DMAR, IVRS, IORT, VIOT that the firmware has; or "device tree", or "Xen", which hides them.
  std::vector<std::string> firmware_tables;
  Fact<bool> interrupt_remapping;
  std::vector<std::string> kernel_options;  ///< Tokens of the command line that concern it, in order.
  Fact<bool> unsafe_interrupts = {};  ///< VFIO may do without remapping. Absent: its module is not loaded.
  Fact<unsigned> address_bits = {};   ///< The fewest that a unit translates. Absent: no unit says.
  Fact<std::string> options_tool =
      {};  ///< What sets the kernel's options, "grubby". Absent: it is not known.
  friend bool operator==(const Iommu&, const Iommu&) = default;
};

/// A driver binding: the present one, or the wanted one.
struct DriverState {
  std::string driver;           ///< Empty: none is bound.
  std::string driver_override;  ///< Empty: none is set.
  friend bool operator==(const DriverState&, const DriverState&) = default;
};

/// What of the host made way for a function that left, for as long as it is away.
struct MadeWay {
  std::vector<std::string> services = {};  ///< Stopped, and not started again. Ascending.
  bool console = false;                    ///< The kernel's consoles were drawn on a framebuffer of it.
  std::string framebuffer = {};            ///< The firmware's, "efi-framebuffer.0". Empty: none was shown.
  friend bool operator==(const MadeWay&, const MadeWay&) = default;
};

/// Where a function belongs: the state that `bind` found and recorded before its first write.
struct Home {
  PciAddress address;
  DriverState state;
  Identity identity;  ///< Tells it from another card at the same address later. A subsystem id of 0
                      ///< is not recorded: it stands for none.
  std::optional<bool> d3cold_allowed = {};  ///< nullopt: the kernel did not say.
  std::optional<bool> persistence = {};     ///< nullopt: it has no such mode.
  MadeWay made_way = {};
  std::string guest = {};  ///< For which libvirt's hook bound it; when that ends, it goes home. Empty: none.
  friend bool operator==(const Home&, const Home&) = default;
};

/// A process that has a device node of a GPU open.
struct Holder {
  /// The /dev/vfio node that it holds. 4294967295: the kernel has no group of that device.
  std::uint32_t iommu_group = 0;
  int pid = 0;
  std::string command;
  std::string mediated =
      {};  ///< The UUID of the mediated device whose node it is. Empty: it is a function's.
  friend bool operator==(const Holder&, const Holder&) = default;
};

/// A process that has a node of a device's driver open or mapped.
struct DeviceUser {
  PciAddress device;
  std::string node;  ///< "/dev/dri/renderD128".
  int pid = 0;
  std::string command;
  std::string service = {};  ///< The system's service that it belongs to, "dcgm.service". Empty: none.
  /// What runs it for a person at a display, "session-2.scope", "user@1000.service". Empty: nobody there.
  std::string session = {};
  friend bool operator==(const DeviceUser&, const DeviceUser&) = default;
};

/// What the host itself does with a device now.
struct DeviceUse {
  enum class Kind {
    Console,      ///< The kernel's console is shown by it.
    Exported,     ///< A disk of it is given to other machines.
    Framebuffer,  ///< The firmware's framebuffer lies in its memory.
    Fstab,        ///< /etc/fstab names a disk of it.
    Guest,        ///< A disk of it is a disk of a guest.
    Held,         ///< Somebody has a disk of it for himself: a pool, or a mount that is not ours.
    Mdev,         ///< It has a mediated device.
    Mounted,      ///< A disk of it is mounted.
    Network,      ///< A network interface of it is up.
    Route,        ///< The default route leads to a network interface of it.
    Stacked,      ///< A disk of it is part of another one.
    Swap,         ///< A disk of it is swapped to.
    Unseen,       ///< It is a network card, and its interface cannot be seen: a container may have it.
    Zfs,          ///< A disk of it may be part of a ZFS pool.
  };
  PciAddress address;
  Kind kind = Kind::Mounted;
  std::string what;        ///< "nvme0n1p2", "eth0", "fb0", "efifb", the mediated device's UUID; the driver.
  std::string guest = {};  ///< Of the kind Guest.
  friend bool operator==(const DeviceUse&, const DeviceUse&) = default;
};

/// "console", "exported", "framebuffer", "fstab", "guest", "held", "mdev", "mounted", "network", "route",
/// "stacked", "swap", "unseen", "zfs".
std::string_view to_string(DeviceUse::Kind kind);

/// A mediated device that mdevctl keeps, whether it is there now or not.
struct MediatedDefinition {
  PciAddress parent;
  std::string uuid;
  std::string type;         ///< As MediatedType has it.
  bool at_boot = false;     ///< mdevctl makes it at every boot.
  bool attributes = false;  ///< It has settings of its driver, which gpupass does not know.
  friend bool operator==(const MediatedDefinition&, const MediatedDefinition&) = default;
};

/// A keyboard that a person can use.
struct Keyboard {
  std::string input;         ///< The kernel's name, "input3".
  Fact<PciAddress> address;  ///< The function it hangs from. Absent: from none, as on the platform's own
                             ///< controller. Unknown: it is a Bluetooth one, of an adapter that is not known.
  friend bool operator==(const Keyboard&, const Keyboard&) = default;
};

/// What else gives devices to a driver at boot.
struct Claim {
  enum class Owner {
    Driverctl,
    Kernel,  ///< Its command line.
    Modprobe,
    Udev,    ///< A rule that sets an override.
    Unraid,  ///< Its own list.
  };
  Owner owner = Owner::Kernel;
  std::string where;   ///< The file that says so.
  std::string device;  ///< An address; or ids as modules have them, "10de:2684", of all that match.
  std::string driver;
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// "driverctl", "kernel", "modprobe", "udev", "unraid".
std::string_view to_string(Claim::Owner owner);

/// GPUs that reach each other without PCI.
struct DirectLink {
  enum class Kind {
    Xgmi,  ///< AMD's Infinity Fabric.
  };
  PciAddress first;  ///< The lower of the two.
  PciAddress second;
  Kind kind = Kind::Xgmi;
  friend bool operator==(const DirectLink&, const DirectLink&) = default;
};

/// "xgmi".
std::string_view to_string(DirectLink::Kind kind);

/// Something that the probe could not read, and why.
struct Limit {
  std::string what;
  std::string why;
  friend bool operator==(const Limit&, const Limit&) = default;
};

/// One machine at one moment: an immutable snapshot, a plain value. What was not asked for, or could not be
/// read, never looks like "none": each member but two is a Fact. `functions` is always asked for, and if it
/// is empty, `limits` says why; `limits` lists everything that could not be read.
struct Host {
  std::vector<PciFunction> functions;    ///< Ascending by address. Always every function, with its class.
  Fact<std::vector<IommuGroup>> groups;  ///< Ascending by id; those of GPUs, or all. Absent: there are none.
  Fact<Iommu> iommu;
  Fact<Platform> platform;
  Fact<std::string> architecture;   ///< "x86_64".
  Fact<std::string> cpu_vendor;     ///< As the CPU itself says it: "AuthenticAMD".
  Fact<unsigned> cpu_address_bits;  ///< Of physical addresses, 39. Absent: not of x86, or it is not said.
  Fact<CpuTopology> cpus;
  Fact<CpuSet> offline_cpus;  ///< Absent: the kernel has no such list, and all are online.
  /// By isolcpus and nohz_full, for few busy tasks. Absent: the kernel has no such list, and isolates none.
  Fact<CpuSet> isolated_cpus;
  Fact<CpuSet> efficient_cpus;  ///< Of cores that are slower than others. Absent: the kernel names none.
  Fact<int> only_node =
      {};  ///< Where the kernel has one NUMA node, or none, which is node 0. Absent: several.
  Fact<std::vector<NumaNode>> numa_nodes;      ///< Ascending by id. Absent: the kernel has no NUMA.
  Fact<std::vector<DirectLink>> direct_links;  ///< Ascending. Absent: no driver tells of any.
  Fact<std::vector<Domain>> domains;           ///< Ascending by name. Absent: there is no libvirt.
  Fact<std::vector<Holder>> holders;           ///< Of /dev/vfio nodes.
  Fact<std::vector<DeviceUser>> users;         ///< Of nodes of host drivers, ascending.
  Fact<std::string> own_session;               ///< As DeviceUser::session, of gpupass itself. Absent: none.
  Fact<std::vector<DeviceUse>> uses;           ///< Ascending.
  /// In the order of their names. Absent: the kernel has no input devices.
  Fact<std::vector<Keyboard>> keyboards;
  Fact<std::vector<Claim>> claims;               ///< Ascending.
  Fact<std::vector<Home>> homes;                 ///< Recorded by `bind`, ascending.
  Fact<std::vector<BootBinding>> boot_bindings;  ///< Ascending by address. Unknown: the file is damaged.
  Fact<BootImages> boot_images;                  ///< Absent: nothing is known that builds any.
  Fact<std::vector<OwnFile>> own_files;          ///< Those of own_file_paths().
  Fact<Settings> settings;                       ///< Absent: no state was declared. Unknown: damaged.
  Fact<std::vector<Quarantined>> quarantine;     ///< Ascending by address. Unknown: the file is damaged.
  Fact<std::vector<TunableState>> tunables;      ///< Ascending by tunable; those that this kernel has.
  Fact<Tuned> tuned;                             ///< Absent: nothing is tuned. Unknown: the file is damaged.
  /// Functions whose driver hung while it was unbound, since the boot. Ascending.
  Fact<std::vector<PciAddress>> wedged;
  std::vector<Limit> limits;  ///< Ascending.
  /// Of PCI functions, ascending. Absent: there is no mdevctl.
  Fact<std::vector<MediatedDefinition>> mediated_definitions = {};
  friend bool operator==(const Host&, const Host&) = default;
};

/// @returns nullptr when the host has no such function.
const PciFunction* find_function(const Host& host, PciAddress address);
/// @returns nullptr for a mediated device too.
const PciFunction* find_function(const Host& host, DeviceId device);
/// @returns nullptr when the group does not exist or was not asked for.
const IommuGroup* find_group(const Host& host, std::uint32_t id);
/// @returns nullptr when there is no such domain, or domains are not known.
const Domain* find_domain(const Host& host, const std::string& name);
/// @returns nullptr when nothing is recorded, or the records are not known.
const Home* find_home(const Host& host, PciAddress address);

/// @returns nullptr when the function is not to be bound at boot, or that is not known.
const BootBinding* find_boot_binding(const Host& host, PciAddress address);

/// All endpoint functions that must move together: those of the IOMMU group and of the card, never a bridge.
/// Ascending.
std::vector<PciAddress> closure_of(const Host& host, PciAddress gpu);

/// The bridges above a function, nearest first, up to the root port. Ends early if a parent is not known.
std::vector<const PciFunction*> path_to_root(const Host& host, const PciFunction& function);

/// The node of the function, else of the nearest bridge above it that has a node, else the host's only one,
/// else unknown.
Fact<int> nearest_numa_node(const Host& host, const PciFunction& function);

}  // namespace gpupass
#pragma GCC visibility pop
