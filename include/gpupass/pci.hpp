// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Location of one PCI function, as sysfs spells it: "0000:65:00.0".
/// A plain value: cheap to copy, ordered by bus position, usable as a map key.
struct PciAddress {
  std::uint32_t domain = 0;  ///< Wider than 16 bits: Intel VMD starts at 0x10000.
  std::uint8_t bus = 0;
  std::uint8_t device = 0;    ///< 0 to 31.
  std::uint8_t function = 0;  ///< 0 to 7.

  /// Reads "dddd:bb:dd.f", "bb:dd.f" as domain 0, and libvirt's "pci_dddd_bb_dd_f". Hexadecimal in either
  /// case.
  /// @returns nullopt when `text` is anything else.
  static std::optional<PciAddress> parse(std::string_view text);
  /// The canonical sysfs form. Parsing it gives back an equal value.
  std::string to_string() const;

  /// Whether both are functions of one device: same domain, bus and device number.
  bool same_slot(const PciAddress& other) const;

  friend auto operator<=>(const PciAddress&, const PciAddress&) = default;
};

/// One memory or I/O window that the device asks for (row 0-5 of sysfs `resource`, 6 is the ROM).
struct Bar {
  unsigned index = 0;
  std::uint64_t start = 0;  ///< 0: not assigned by the firmware.
  std::uint64_t size_bytes = 0;
  bool memory = false;  ///< Otherwise I/O ports.
  bool is_64bit = false;
  bool prefetchable = false;
  friend bool operator==(const Bar&, const Bar&) = default;
};

/// A PCI Express link as the function at its lower end reports it.
struct PciLink {
  double speed_gts = 0;  ///< Now, in GT/s per lane; 0 when the kernel says "Unknown". Idle GPUs rest at 2.5.
  unsigned width = 0;    ///< Lanes in use now.
  double max_speed_gts = 0;
  unsigned max_width = 0;
  friend bool operator==(const PciLink&, const PciLink&) = default;
};

/// How many errors a function has reported since the boot, by Advanced Error Reporting. An error of a link
/// may be counted at either end.
struct PciErrors {
  std::uint64_t correctable = 0;
  std::uint64_t nonfatal = 0;
  std::uint64_t fatal = 0;
  friend bool operator==(const PciErrors&, const PciErrors&) = default;
};

/// The type of a PCI Express function (PCI Express capability, bits 7:4 of its flags).
enum class ExpressType : std::uint8_t {
  Endpoint = 0,
  LegacyEndpoint = 1,
  RootPort = 4,
  UpstreamPort = 5,
  DownstreamPort = 6,
  PcieToPciBridge = 7,
  PciToPcieBridge = 8,
  RootComplexEndpoint = 9,
  RootComplexEventCollector = 10,
};
/// "endpoint", "root port", "switch upstream port".
std::string_view to_string(ExpressType type);

/// The Access Control Services capability of a function.
struct Acs {
  std::uint16_t capability = 0;  ///< What it implements (register at +4).
  std::uint16_t control = 0;     ///< What is switched on (register at +6).
  friend bool operator==(const Acs&, const Acs&) = default;
};

/// A window of memory whose size can be chosen while no driver has the function (Resizable BAR).
struct ResizableBar {
  unsigned index = 0;            ///< Of the BAR.
  std::uint64_t size_bytes = 0;  ///< Now.
  std::uint64_t largest_bytes = 0;
  friend bool operator==(const ResizableBar&, const ResizableBar&) = default;
};

/// What a function's configuration space says of it.
struct PciConfig {
  bool bridge = false;         ///< Header type 1.
  bool multifunction = false;  ///< Bit 7 of the header type.
  Fact<ExpressType> express;   ///< Absent: conventional PCI.
  Fact<Acs> acs;               ///< Unknown where extended space cannot be read: never "absent" then.
  Fact<bool> function_reset;   ///< Function Level Reset, by PCI Express or Advanced Features.
  Fact<std::string> serial;    ///< Device Serial Number capability, 16 hex digits.
  Fact<bool> slot = {};        ///< Whether a port leads to a slot. Absent: it is no port that may.
  Fact<std::vector<ResizableBar>> resizable_bars = {};  ///< Ascending. Absent: it has none.
  friend bool operator==(const PciConfig&, const PciConfig&) = default;
};

/// The SR-IOV ability of a physical function.
struct Sriov {
  unsigned total_vfs = 0;
  unsigned vfs = 0;  ///< Enabled now.
  friend bool operator==(const Sriov&, const Sriov&) = default;
};

/// A type of mediated device that a function's driver makes.
struct MediatedType {
  std::string type;                        ///< "nvidia-474", "i915-GVTg_V5_4".
  Fact<std::string> name;                  ///< Absent: the driver gives none, as with the two below.
  Fact<std::string> description;           ///< In one line.
  Fact<std::string> device_api;            ///< "vfio-pci".
  Fact<unsigned> available;                ///< How many more can be made now, if nothing else is made.
  Fact<std::vector<std::string>> devices;  ///< The UUIDs of those that exist, ascending.
  friend bool operator==(const MediatedType&, const MediatedType&) = default;
};

/// A type of vGPU of NVIDIA's own VFIO driver, which has no mediated devices.
struct VgpuType {
  unsigned id = 0;   ///< 1145. A virtual function gets the type by this number.
  std::string name;  ///< "NVIDIA L40S-1B".
  friend bool operator==(const VgpuType&, const VgpuType&) = default;
};

/// What the kernel and a function's driver say of the slices that the function can be cut into.
struct Slicing {
  Fact<bool> drivers_autoprobe;  ///< Drivers take new virtual functions. Absent: it can have none, or the
                                 ///< kernel is older than this switch.
  Fact<bool> sriov_admin;        ///< The driver xe lets each virtual function's share be set. Absent: no.
  Fact<std::vector<MediatedType>> mediated_types;  ///< Ascending. Absent: its driver makes none.
  Fact<std::vector<VgpuType>> creatable_vgpus;     ///< Of a virtual function, now; ascending. Empty: none
                                                   ///< can be made now. Absent: its driver makes none.
  friend bool operator==(const Slicing&, const Slicing&) = default;
};

/// Some of the compute slices of a GPU instance of MIG, one beside the other.
struct MigSpan {
  unsigned start = 0;  ///< The first of them, counted in its GPU instance.
  unsigned size = 0;
  friend auto operator<=>(const MigSpan&, const MigSpan&) = default;
};

/// A part of a GPU instance of MIG on which programs run. All parts of an instance share its memory.
struct MigComputeInstance {
  unsigned id = 0;          ///< Within its GPU instance.
  unsigned profile_id = 0;  ///< What NVML calls its profile.
  MigSpan span;
  Fact<std::string> uuid;            ///< "MIG-...", of the device that programs open.
  Fact<std::vector<int>> processes;  ///< The PIDs of those that compute on it now, ascending.
  friend bool operator==(const MigComputeInstance&, const MigComputeInstance&) = default;
};

/// A GPU instance of MIG: memory and compute slices of its own.
struct MigGpuInstance {
  Fact<unsigned> id;                              ///< Of the GPU's instances; the driver chooses it.
  unsigned profile_id = 0;                        ///< What NVML and nvidia-smi call its profile: 9.
  unsigned start = 0;                             ///< Its first unit of the card's memory.
  unsigned size = 0;                              ///< How many units it has.
  Fact<std::vector<MigComputeInstance>> compute;  ///< Ascending by their span.
  friend bool operator==(const MigGpuInstance&, const MigGpuInstance&) = default;
};

/// NVIDIA's Multi-Instance GPU (MIG) on one GPU, as the driver's management library tells it.
struct Mig {
  bool enabled = false;                   ///< Now.
  bool pending = false;                   ///< After the next reset of the GPU.
  std::vector<MigGpuInstance> instances;  ///< Ascending by their start.
  friend bool operator==(const Mig&, const Mig&) = default;
};

/// What reports say against a model: a reset does not bring it back.
struct KnownModel {
  std::string model;
  std::string source;  ///< Who reported it.
  std::string remedy = {};
  friend bool operator==(const KnownModel&, const KnownModel&) = default;
};

/// One PCI function and what sysfs says about it. The probe decides which facts are asked for.
struct PciFunction {
  PciAddress address;
  Fact<std::uint32_t> class_code;  ///< 24 bits: base class, subclass, interface. 0x030000 is VGA.
  Fact<std::uint16_t> vendor;
  Fact<std::uint16_t> device;
  Fact<std::uint16_t> subsystem_vendor;
  Fact<std::uint16_t> subsystem_device;
  Fact<std::uint8_t> revision;
  Fact<std::string> driver;           ///< Absent: no driver is bound.
  Fact<std::string> driver_override;  ///< Absent: none is set.
  Fact<std::string> vfio_device;      ///< "vfio0": its driver is one of VFIO's. Absent: none says so.
  Fact<std::string> vfio_driver;      ///< VFIO's own that is made for it, "xe-vfio-pci". Absent: none is.
  Fact<unsigned> vgpu_type;           ///< NVIDIA's driver made it carry vGPUs; 0: of no type yet.
  Fact<std::uint32_t> iommu_group;    ///< Group 0 is a group. Absent: DMA is not translated.
  Fact<int> numa_node;                ///< Its own; absent when the firmware gave none (-1).
  Fact<PciAddress> parent;            ///< The bridge above. Absent: it is on a root bus.
  Fact<std::string> root_bus;         ///< "pci0000:60", the host bridge it hangs from.
  Fact<PciLink> link;                 ///< Absent: not PCI Express.
  Fact<PciErrors> errors = {};        ///< Absent: the kernel counts none, as where the firmware keeps them.
  Fact<std::vector<Bar>> bars;        ///< Those with a size, in order.
  Fact<std::vector<std::string>> reset_methods;  ///< In the kernel's order; empty: all disabled.
  Fact<bool> boot_vga;                           ///< Absent: not a VGA device.
  Fact<Sriov> sriov;                             ///< Absent: no SR-IOV ability.
  Fact<PciAddress> physical_function;            ///< Absent: it is no virtual function.
  Fact<std::vector<PciAddress>> virtual_functions;
  Fact<std::vector<std::string>> mdev_types;  ///< Absent: it cannot create mediated devices.
  Fact<Slicing> slicing = {};
  Fact<Mig> mig = {};             ///< Absent: it can have none, or NVIDIA's driver does not have it.
  Fact<std::string> power_state;  ///< "D0", "D3cold"; the kernel's cached view.
  Fact<bool> d3cold_allowed;      ///< Whether the kernel may cut its power while nobody uses it.
  Fact<bool>
      persistence;  ///< NVIDIA's driver keeps it awake without any process. Absent: it has another driver.
  Fact<std::uint64_t> memory_bytes = {};  ///< Its own, as its driver says it. Absent: the driver does not.
  Fact<PciConfig> config;
  Fact<KnownModel> known_model = {};  ///< Absent: nothing is known against its model.
  Fact<std::string>
      uuid;  ///< The vendor driver's identity while it is bound: NVIDIA's "GPU-...", AMD's unique id.

  friend bool operator==(const PciFunction&, const PciFunction&) = default;
};

/// Display controllers (03xx) and processing accelerators (12xx).
bool is_gpu_class(std::uint32_t class_code);
/// PCI bridges of any kind (0604, 0609): never bound to vfio-pci, never given away.
bool is_bridge_class(std::uint32_t class_code);

}  // namespace gpupass
#pragma GCC visibility pop
