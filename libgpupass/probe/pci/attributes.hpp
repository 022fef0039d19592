// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"
#include "probe/folder.hpp"
#include "probe/pci/place.hpp"

/// The readers of one function's folder, /sys/bus/pci/devices/ADDRESS. Each reads what its name says and no
/// more.
namespace gpupass {

extern const Form<bool> kFlag;                ///< "0" or "1".
extern const Form<std::uint32_t> kClassCode;  ///< "0x030200".
extern const Form<PciAddress> kPciAddress;    ///< "0000:65:00.0".
extern const Form<double> kLinkSpeed;         ///< "16.0 GT/s PCIe"; "Unknown" is 0.
extern const Form<unsigned> kLinkWidth;       ///< "16"; what the kernel prints for unknown is 0.
extern const Form<std::vector<Bar>> kBars;    ///< The rows of `resource`.

/// Why nothing is read of a device that needs its lock.
inline constexpr const char* kHasHung = "a driver has hung and holds the device's lock";

/// `vendor` and `device`: right also for a virtual function, whose configuration space has ones there.
void read_ids(const Folder& folder, PciFunction& function);
void read_driver(const Folder& folder, PciFunction& function);
/// `driver_override`, which takes the device's lock on Linux 6.1: a driver that never lets go of it blocks
/// the reader. A device that is known for that is not asked.
void read_override(const Folder& folder, bool wedged, PciFunction& function);
void read_numa_node(const Folder& folder, PciFunction& function);
/// What decides whether it can be given away: boot VGA, BARs, reset methods, SR-IOV and its functions. Linux
/// takes the device's lock for none of them (drivers/pci/pci.c, reset_method_show()), but for `sriov_numvfs`.
void read_abilities(const Folder& folder, bool wedged, PciFunction& function);
void read_link(const Folder& folder, PciFunction& function);
/// The totals of Advanced Error Reporting.
void read_errors(const Folder& folder, PciFunction& function);
void doubt_absent_links(const System& system, std::vector<PciFunction>& functions, Limits& limits);
/// A function that cannot be reset has no list of methods, and on an old kernel none has.
void explain_absent_resets(const System& system, std::vector<PciFunction>& functions, Limits& limits);
void read_config(const Folder& folder, PciFunction& function);
/// Subsystem, revision, BARs, reset methods, power state, mediated device types.
void read_details(const Folder& folder, PciFunction& function);

/// Sets where the function hangs. A fact without a value passes on to parent and root bus.
void set_place(const Fact<PciPlace>& place, PciFunction& function);

}  // namespace gpupass
