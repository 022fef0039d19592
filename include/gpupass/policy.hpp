// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/export.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/request.hpp"

/// Everything that decides. Pure functions of values: nothing here reads or changes the machine.
namespace GPUPASS_EXPORT gpupass {

// --- choosing
// -----------------------------------------------------------------------------------------------

/// What a GPU name stands for: an address ("0000:65:00.0", "65:00.0"), "10de:2330", "node:1" or "all".
struct Selection {
  std::vector<PciAddress> gpus;      ///< Ascending.
  std::vector<Finding> passed_over;  ///< What a collective form left out, and why.
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// @throws Error Usage for what is no name, NotFound for what names nothing; the message lists what there is.
Selection select_gpus(const Host& host, const std::vector<std::string>& names);

/// The addresses among the names, for ProbeOptions::also.
std::vector<PciAddress> named_addresses(const std::vector<std::string>& names);

// --- isolation and closure
// ----------------------------------------------------------------------------------

/// What a member of an IOMMU group is to the GPU in it.
enum class Role {
  Gpu,
  Companion,  ///< Another function of a GPU's own card.
  Bridge,
  Other,
};
/// "gpu", "companion", "bridge", "other".
std::string_view to_string(Role role);
Role role_of(const Host& host, const IommuGroup& group, const PciFunction& member);

/// Whether anything outside can reach a group's devices, or be reached by them, past the IOMMU.
struct Isolation {
  Answer kernel = Answer::Unknown;  ///< Yes: the kernel's group holds the functions of one card, and bridges.
  Answer acs = Answer::Unknown;     ///< By the walk over every port's ACS capability.
  std::vector<PciAddress> peers;    ///< Functions outside the card that the walk finds reachable.
  std::vector<PciAddress> merged_by;  ///< The ports whose missing ACS lets them.
  std::string why;                    ///< Why `acs` is unknown; empty otherwise.
  friend bool operator==(const Isolation&, const Isolation&) = default;
};
Isolation isolation_of(const Host& host, const IommuGroup& group);
/// As above for a function that has no group.
Isolation isolation_of(const Host& host, const PciFunction& function);

/// All endpoint functions that must move together: of the IOMMU group and of the card. Bridges never.
/// Ascending.
std::vector<PciAddress> closure_of(const Host& host, PciAddress gpu);

// --- assessing
// ----------------------------------------------------------------------------------------------

enum class GpuState { Host, Vfio, Assigned, Unbound, Sliced, Wedged, Unknown };
/// "host", "vfio", "assigned", "unbound", "sliced", "wedged", "unknown".
std::string_view to_string(GpuState state);

/// One GPU as its owner wants to know it.
struct Assessment {
  PciAddress address;
  bool virtual_function = false;
  std::vector<PciAddress> functions;  ///< Of the same card, itself included.
  GpuState state = GpuState::Unknown;
  std::string domain;                  ///< Which guest has it; empty: none.
  std::vector<std::string> wanted_by;  ///< Guests whose definition names it.
  Answer assignable = Answer::Unknown;
  std::vector<Finding> reasons;  ///< Why not, or why not certainly.
  friend bool operator==(const Assessment&, const Assessment&) = default;
};

/// One for each GPU of the host (classes 03xx and 12xx) and each function in `also`, ascending.
std::vector<Assessment> assess(const Host& host, const std::vector<PciAddress>& also = {});

/// What forbids giving the closure away now; verdict fail, or unknown. Empty: nothing.
std::vector<Finding> guards(const Host& host, PciAddress gpu);

/// What may keep it from leaving its driver, from coming back, or from working in a guest at all: a driver
/// that is not known to let go, how it can be reset, what the platform lacks. `bind` heeds these as well.
std::vector<Finding> return_guards(const Host& host, PciAddress gpu);

/// Whether these GPUs can be given away and taken back: what the guards say, how each can be reset, who
/// reaches it past the IOMMU, and what of it is as it should be.
std::vector<Finding> check(const Host& host, const std::vector<PciAddress>& gpus);

// --- placing
// ------------------------------------------------------------------------------------------------

/// The best GPUs, cores and memory for a request. @throws Error Refused, naming what is short by how much,
/// with the nearest requests that fit as its hint; Usage for a request that no host could serve.
Placement place(const Host& host, const Request& request);

/// Where one of many requests goes.
struct Packed {
  std::optional<std::size_t> host;  ///< Which of the hosts; nullopt: refused.
  Placement placement;
  std::string refusal;  ///< Why on none of them; empty: placed.
  friend bool operator==(const Packed&, const Packed&) = default;
};
/// Many requests over several hosts, so that few are refused and few GPUs are left that nothing can use: the
/// large ones first or the small ones first, whichever refuses fewer. One result for each request, in their
/// order.
std::vector<Packed> pack(const std::vector<Host>& hosts, const std::vector<Request>& requests);

// --- planning
// -----------------------------------------------------------------------------------------------

/// How GPUs are given to vfio-pci.
struct BindOptions {
  std::vector<PciAddress> force = {};  ///< Devices whose protection the user gives up, each by name.
  std::vector<std::string> stop =
      {};  ///< Services that may be stopped for the while, beside those that nobody misses.
};
/// To vfio-pci with the whole closure. @throws Error Refused by a guard.
Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus, const BindOptions& options = {});
/// Home again: what `bind` recorded; without a record, the kernel's choice. @throws Error Refused while in
/// use.
Plan plan_release(const Host& host, const std::vector<PciAddress>& gpus);
/// As plan_bind(), and early on every boot from then on. @throws Error Refused also for what would take the
/// boot display or the last display from the host, and where boot images cannot be built.
Plan plan_bind_at_boot(const Host& host, const std::vector<PciAddress>& gpus,
                       const BindOptions& options = {});
/// As plan_release(), and no more at boot. `gone` are addresses at which nothing is any more, as take_gone()
/// finds them.
Plan plan_release_at_boot(const Host& host, const std::vector<PciAddress>& gpus,
                          const std::vector<PciAddress>& gone);
/// Takes out of `names` the addresses that are to be bound at boot and at which this host has nothing.
std::vector<PciAddress> take_gone(const Host& host, std::vector<std::string>& names);

/// Whether the function is the device that the binding means. Unknown: not all of its ids were read.
Answer is_device_of(const BootBinding& binding, const PciFunction& function);

/// What is to be bound at boot, each entry a set of GPUs that move together, and what is in the way of the
/// rest: another device at its address, or none.
struct BootDuty {
  std::vector<std::vector<PciAddress>> gpus;
  std::vector<Finding> findings;
};
BootDuty boot_duty(const Host& host);

/// Looks at a plan of plan_recovery(). @throws Error Refused while what it would unbind is in use.
void guard_recovery(const Host& host, const Plan& plan);

enum class Start { No, Yes };
/// The definition into the hypervisor; with Start::Yes its GPUs are bound first. `existing` is the present
/// one, with its secrets, or nullptr.
Plan plan_define(const Host& host, const std::string& name, const std::string& xml,
                 const Placement& placement, const DomainXml* existing, Start start,
                 const BindOptions& options = {});

/// How a device is given or taken.
struct AttachOptions {
  bool live = false;  ///< Neither given: both, where they apply.
  bool config = false;
  unsigned timeout_seconds = 60;  ///< For a live guest to let go.
  BindOptions bind = {};
};
Plan plan_attach(const Host& host, const DomainXml& domain, const std::vector<PciAddress>& gpus,
                 const AttachOptions& options);
Plan plan_detach(const Host& host, const DomainXml& domain, const std::vector<PciAddress>& gpus,
                 const AttachOptions& options);

}  // namespace GPUPASS_EXPORT gpupass
