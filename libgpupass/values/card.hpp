// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

/// What belongs to one physical card, and the small questions that every decision asks of a function.
namespace gpupass {

inline constexpr const char* kVfioDriver = "vfio-pci";
inline constexpr std::uint16_t kNvidia = 0x10de;

/// What stays where it is when a group moves: PCI bridges, and the platform's own host and ISA bridges.
bool is_bridge(const PciFunction& function);
/// Of class 03xx or 12xx.
bool is_gpu(const PciFunction& function);
/// Connects the GPUs of a board: it goes to a guest that gets all of them.
bool is_nvswitch(const PciFunction& function);
bool is_virtual(const PciFunction& function);
/// A network controller of any kind, InfiniBand included.
bool is_network(const PciFunction& function);
bool is_nvme(const PciFunction& function);
/// A driver's name says that it is vfio-pci, or a variant of it for one vendor's devices ("xe-vfio-pci",
/// "nvgrace_gpu_vfio_pci").
bool is_vfio_driver(std::string_view driver);
/// The driver by which a guest gets it: VFIO's own that is made for it, else vfio-pci.
std::string vfio_driver_of(const PciFunction& function);
/// Bound to one of those, or to another driver that VFIO has a device of. A virtual function that carries
/// vGPUs is NVIDIA's driver's, which is one of VFIO's only while a guest runs.
bool on_vfio(const PciFunction& function);
/// Whether VFIO keeps its whole IOMMU group from guests: a driver has it that uses the device's DMA itself.
/// pci-stub, and pcieport on a PCI bridge, do not (driver_managed_dma in Linux).
bool keeps_group_from_guests(const PciFunction& function);
/// The graphics of an Intel processor, at 00:02.0 of the host. Its virtual functions are as any card's.
bool is_intel_graphics(const PciFunction& function);
/// The graphics of a processor of AMD's, which has other parts of the processor beside it in its slot.
bool is_amd_processors_graphics(const Host& host, const PciFunction& function);
/// A display that could show the host's console, were it the host's. A 3D controller (0302) has no outputs,
/// and a virtual function neither.
bool can_show_console(const PciFunction& function);
/// Whether it has virtual functions now.
bool has_virtual_functions(const PciFunction& function);

/// Whether both are functions of one card: of one vendor at one bus and device number, or below the switch
/// that a card has of its own, or at one device number and so in one IOMMU group that whoever has the one has
/// the other. What a processor has at one device number are devices of their own. A virtual function is a
/// card of its own, whichever slot its address falls into.
bool same_card(const Host& host, const PciFunction& one, const PciFunction& other);
/// All other functions of the same card, bridges in its slot included, ascending.
std::vector<const PciFunction*> card_mates(const Host& host, const PciFunction& function);
/// The functions of the same card, itself included, without bridges, ascending.
std::vector<PciAddress> card_of(const Host& host, const PciFunction& function);
/// All other functions at the same bus and device number, of one card or not, virtual functions not.
std::vector<const PciFunction*> slot_mates(const Host& host, const PciFunction& function);

/// The function that a device is. @throws Error Refused for a mediated device: the caller needs a function.
PciAddress function_of(DeviceId device);
std::vector<PciAddress> functions_of(const std::vector<DeviceId>& devices);

/// @throws Error NotFound, with what there is as its hint.
const PciFunction& function_at(const Host& host, PciAddress address);

}  // namespace gpupass
