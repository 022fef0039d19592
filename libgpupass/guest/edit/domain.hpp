// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"
#include "guest/text/definition.hpp"

/// render_domain() is a row of small changes to a definition, the user's or a new one. Each does nothing if
/// the definition is already as wanted, so doing all of them twice is the same as once.
namespace gpupass {

/// A definition with all that does not depend on the placement.
std::string new_domain(const Request& request);
/// All of the changes below, in their order. @throws Error Refused for a guest of another kind.
void write_domain(Definition& text, const Host& host, const Request& request, const Placement& placement);
/// As without_identity().
void leave_out_identity(Definition& text);
/// The addresses of what goes along with the GPUs, and is still in the definition.
std::vector<std::string> devices_along(const Definition& text);

/// Name and virtualisation type.
void set_name(Definition& text, const Request& request);
void set_type(Definition& text, const Request& request);
/// UEFI or BIOS, and Secure Boot. @throws Error Usage for Secure Boot without UEFI.
void set_firmware(Definition& text, const Request& request);
/// What Windows, and what drivers that refuse to run in a virtual machine, need.
void set_guest(Definition& text, const Request& request);

/// Size, pages, and the nodes that they come from.
void set_memory(Definition& text, const Request& request, const Placement& placement);
/// Number of vCPUs, and the CPUs that they, the emulator and the I/O threads run on.
void set_vcpus(Definition& text, const Placement& placement);
/// CPU mode, topology, and the guest's NUMA cells.
void set_cpu(Definition& text, const Host& host, const Request& request, const Placement& placement);

/// Takes out the cards that the metadata names, and the placement no longer does.
void remove_former_cards(Definition& text, const Host& host, const Placement& placement);
/// The same for mediated devices.
void remove_former_mediated(Definition& text, const Placement& placement);
/// Each new disk is served by an I/O thread, beside the emulator.
void add_disks(Definition& text, const Request& request, const Placement& placement);
/// What the guest only reads: CD-ROMs, and the image that configures it.
void add_media(Definition& text, const Request& request, const Placement& placement);
void add_networks(Definition& text, const Request& request);
void add_tpm(Definition& text, const Request& request);
/// Every function of each card, on one guest slot behind a port of its own, near the guest's cell that it is
/// near to.
void add_cards(Definition& text, const Host& host, const Request& request, const Placement& placement);
/// Mediated devices that the definition does not give yet, each near the cell of its parent.
void add_mediated(Definition& text, const Host& host, const Placement& placement);
/// The guest's own IOMMU, where it has many vCPUs or has one already. @throws Error Refused for a machine
/// that cannot have so many.
void set_iommu(Definition& text);
/// The limit of memory that QEMU may lock, where there is one.
void raise_limits(Definition& text);
/// Enough addresses for the memory of all cards, including those that spare ports are for.
void set_window(Definition& text, const Host& host);
/// Records which devices these are, to tell them from other cards at the same addresses later.
void set_metadata(Definition& text, const Host& host, const Placement& placement);

/// Switches on one of the <features>.
void set_feature(Definition& text, const char* name);
/// What an earlier set_metadata() wrote; an empty node where there was none.
pugi::xml_node own_metadata(const Definition& text);
/// The <devices> of the domain, made where there are none.
pugi::xml_node devices_of(Definition& text);
/// Its <features>, in the same way.
pugi::xml_node features_of(Definition& text);

}  // namespace gpupass
