// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/placement.hpp"
#include "guest/text/definition.hpp"

/// A guest learns a device's NUMA node from the PCI bus that it hangs from: each of the guest's cells has a
/// pcie-expander-bus of its own, with a root port for each card and one to spare for hot-plug.
namespace gpupass {

/// Takes from expanders the cells that the guest no longer has; libvirt refuses them.
void drop_stale_cells(Definition& text, const Placement& placement);
/// Makes the expanders, and the ports below them, that so many more cards of each cell need.
void make_ports(Definition& text, const std::vector<unsigned>& cards_of_cell);
/// The first free port below an expander of a cell, after make_ports().
PciAddress free_port(const Definition& text, unsigned cell);
/// A free slot for a device that is near a cell, or near none that is known.
PciAddress slot_near(Definition& text, std::optional<unsigned> cell);
/// Free ports below the expanders of all cells, by their index: those into which a card can be plugged as the
/// guest runs, of the model that can keep addresses for it.
std::vector<unsigned> spare_ports(const Definition& text);

}  // namespace gpupass
