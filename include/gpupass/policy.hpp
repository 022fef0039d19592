// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/device.hpp"
#include "gpupass/domain.hpp"
#include "gpupass/error.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/handover.hpp"
#include "gpupass/host.hpp"
#include "gpupass/mig.hpp"
#include "gpupass/names.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/preparation.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"
#include "gpupass/slices.hpp"
#include "gpupass/state.hpp"
#include "gpupass/validate.hpp"
#include "gpupass/vgpu.hpp"

/// Everything that decides. Pure functions of values: nothing here reads or changes the machine. If a part of
/// the host was not asked for, they answer unknown or @throw Error Refused; needs() says which parts each
/// verb looks at.
#pragma GCC visibility push(default)
namespace gpupass {

// --- choosing ---

/// `lookup` tells the names of models; without it no part of such a name is known. @throws Error NotFound for
/// a name of no GPU, or of several where it should mean one; the hint lists them. Usage for the name of a
/// slice. Refused for a collective form that selects none.
Selection select_gpus(const Host& host, const std::vector<std::string>& names, const NameLookup& lookup = {});

/// The parts of a Host by which these names are found, beside needs().
Parts needs_to_find(const std::vector<std::string>& names);

/// The addresses among the names, for ProbeOptions::named.
std::vector<PciAddress> named_addresses(const std::vector<std::string>& names);

// --- assessing ---

Role role_of(const Host& host, const PciFunction& member);

Isolation isolation_of(const Host& host, const IommuGroup& group);
/// As above for a function that has no group.
Isolation isolation_of(const Host& host, const PciFunction& function);

/// One for each IOMMU group that the host has, ascending by id.
std::vector<GroupAssessment> assess_groups(const Host& host);

/// One for each GPU of the host (classes 03xx and 12xx) and each function in `named`, ascending. Uses
/// everything that was asked of the host; a GPU can only be assignable if the host has at least
/// needs(Verb::List).
std::vector<Assessment> assess(const Host& host, const std::vector<PciAddress>& named = {});

/// What forbids giving the closure away now, with verdict fail or unknown. Empty: nothing. Uses what assess()
/// uses.
std::vector<Finding> guards(const Host& host, PciAddress gpu);

/// Whether these GPUs can be given away and taken back: what the guards say, how each can be reset, who can
/// reach it past the IOMMU, and which checks pass.
std::vector<Finding> check(const Host& host, const std::vector<PciAddress>& gpus);

/// What of a host is not as it was when `baseline` was looked at, both with needs(Verb::Check): GPUs that are
/// gone, new, or elsewhere, their links, drivers, groups, nodes and memory, the IOMMU, CPUs and memory.
std::vector<Finding> check_drift(const Host& host, const Host& baseline);

/// How many of these GPUs, of which check() found the findings, can go to a guest, and what is in the way of
/// the others.
Readiness readiness(const std::vector<PciAddress>& gpus, const std::vector<Finding>& findings);

/// The GPUs that are worth a check if the user names none: all but those that show the host's screen, which
/// are passed over. If the host has no others, those too.
Selection gpus_to_check(const Host& host);

/// How each GPU, network card and NVMe drive reaches each. Virtual functions are left out, and GPUs without a
/// PCI Express link, such as a BMC's display.
WayMatrix assess_ways(const Host& host);

/// Each PCI Express link, by the function at its lower end. Those inside a card, between its own switch and
/// its functions, are left out: they tell nothing of the slot.
std::vector<LinkAssessment> assess_links(const Host& host);

/// As assess() and assess_links().
Picture picture_of(const Host& host);

/// What one screen shows of a host. `interrupted` are the operations of the journal that need recovery.
Overview overview(const Host& host, const Fact<std::vector<Operation>>& interrupted);

/// What each of these can be cut into, and is, by its virtual functions too. In the order of `gpus`; empty:
/// all physical GPUs. A virtual function itself has what it is cut into.
std::vector<SliceAssessment> assess_slices(const Host& host, const std::vector<PciAddress>& gpus);

/// Whether a running guest has what its live definition and the host promise: each GPU at its place, on its
/// node, with its link, its addresses and a driver, and the vCPUs of each cell. What the guest does not tell
/// is unknown, with the reason.
/// @param baseline what a guest of this host had earlier: GPUs that are gone, links, drivers and bandwidth.
/// @throws Error NotFound for a domain that does not exist.
std::vector<Finding> validate(const Host& host, const std::string& domain, const GuestFacts& guest,
                              const std::optional<Baseline>& baseline = {});
/// What the guest has of each GPU that its definition promises.
/// @throws Error as validate().
Baseline seen_in_guest(const Host& host, const std::string& domain, const GuestFacts& guest);

/// The physical GPUs whose MIG profiles gpupass knows, ascending.
std::vector<PciAddress> mig_gpus(const Host& host);
/// The instances of MIG that a GPU has now, ascending by their place. Empty: none, or that is not known.
std::vector<MigInstance> mig_instances(const Host& host, PciAddress gpu);
/// Where on its card each instance goes that a GPU is to have. Those that exist stay where they are if that
/// can be, and what is left has room for as many other sets of instances as can be. Whether a GPU is in MIG
/// mode, and which instances it has, is not looked at. @throws Error Refused with one reason for each wish
/// that does not fit: it names what is too much, and what fits.
std::vector<MigFit> fit_mig(const Host& host, const std::vector<MigWish>& wishes);
/// What one label of mig-parted's file declares, for each GPU of this host that an entry matches, ascending:
/// the last entry that does decides. An entry for all devices is not for GPUs that are not known to have MIG.
/// @throws Error NotFound for a label that is not there; Refused where it is not known whether an entry
/// matches.
std::vector<MigWish> mig_wishes(const Host& host, const MigLabels& labels, const std::string& label);
/// The MIG that each GPU has now, in the form of that file, as the label "current". GPUs whose MIG is not
/// known, or whose profiles have no known names, are left out.
MigLabels mig_labels(const Host& host);

// --- placing ---

/// The best GPUs, cores and memory for a request. @throws Error Refused when it does not fit: the error says
/// how much is missing, and its hint names the nearest requests that fit; Usage for a request that no host
/// could serve.
Placement place(const Host& host, const Request& request);

/// Many requests over several hosts: as many GPUs as it can give, and with so many GPUs as many guests. It
/// searches until it is proven that there is no better packing, or `go_on`, which is asked before each step,
/// says false; without `go_on` it ends after a number of steps. The same steps give the same answer.
/// @throws Error Usage for a request that no host could serve, or that names its devices.
Packing pack(const std::vector<Host>& hosts, const std::vector<Request>& requests,
             const std::function<bool(const PackingProgress&)>& go_on = {});

// --- planning ---

/// How GPUs are given to vfio-pci.
struct BindOptions {
  std::vector<PciAddress> force = {};  ///< Devices whose protection the user gives up, each by name.
  std::vector<std::string> stop =
      {};                  ///< Services that may be stopped for the while, beside those that nobody misses.
  std::string guest = {};  ///< For which libvirt's hook binds them. Empty: it is not the hook.
};
/// To vfio-pci with the whole closure. @throws Error Refused by a guard.
Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus, const BindOptions& options = {});
/// Back to the driver that `bind` recorded; without a record, to the driver that the kernel chooses. @throws
/// Error Refused while in use.
Plan plan_release(const Host& host, const std::vector<PciAddress>& gpus);
/// As plan_bind(), and early on every later boot. @throws Error Refused also when the host would lose its
/// boot display or its last display, and when boot images cannot be built.
Plan plan_bind_at_boot(const Host& host, const std::vector<PciAddress>& gpus,
                       const BindOptions& options = {});
/// As plan_release(), and no longer at boot. `unplugged` are addresses without a device, as take_unplugged()
/// finds them.
Plan plan_release_at_boot(const Host& host, const std::vector<PciAddress>& gpus,
                          const std::vector<PciAddress>& unplugged);
/// Removes from `names`, and returns, the addresses that have a boot binding but no device.
std::vector<PciAddress> take_unplugged(const Host& host, std::vector<std::string>& names);

/// Whether the function is the device that the binding means. Unknown: not all of its ids were read.
Answer is_device_of(const BootBinding& binding, const PciFunction& function);

/// Puts gpupass's hooks where the tool that builds boot images searches for them. `shipped` has their
/// content.
/// @throws Error Refused where nothing builds boot images, and where a file cannot be read.
Plan plan_boot_install(const Host& host, const std::vector<OwnFile>& shipped);
/// Takes them away. @throws Error Refused while functions are bound at boot.
Plan plan_boot_remove(const Host& host);

/// What a host must have been asked for a declaration, beside needs(): MIG where that is declared. To ask it
/// takes a second.
Parts parts_of(const State& state);
/// What this host is, as a declaration: each GPU that can be given away, who has it, and the settings.
/// Comparing it with the same host finds no difference.
State state_of(const Host& host);
/// What of the host is not as declared, in the order of the declaration. Verdict unknown where it cannot be
/// told.
std::vector<Finding> compare_state(const Host& host, const State& state);
/// What these differences say: yes where there is none.
Answer same_as_declared(const std::vector<Finding>& differences);
/// From what the host is to what it is declared to be. Empty: it is so. Slices come after the driver, and
/// after the MIG and the virtual functions, that they need: while those are to be made, the plan is no more
/// than that, and a later plan, of the host as it is then, does the rest. @throws Error Refused also where
/// another device is at a declared address, or none; where the card cannot be cut so; and while a slice that
/// would go is in use.
Plan plan_state(const Host& host, const State& state, const BindOptions& options = {});

/// The host as state_of() has it, but with the vGPUs that one label of a vgpu-device-manager's file declares
/// on each GPU that an entry matches: the last entry that does decides.
/// @throws Error NotFound for a label that is not there; Refused where it is not known whether an entry
/// matches.
State vgpu_state(const Host& host, const VgpuLabels& labels, const std::string& label);
/// The same with the MIG of mig_wishes().
State mig_state(const Host& host, const MigLabels& labels, const std::string& label);

/// Makes the host ready for guests with GPUs: options of the kernel, modules, and huge pages on the nodes of
/// the GPUs, each at every boot, and at once as far as that can be. Only gpupass's own files are written;
/// where options of the kernel stand in a file of the user's, a note says what to do. A note tells when the
/// host must boot. @throws Error Usage for a finding that preparation does not mend; Refused where it cannot
/// be mended here, and where the guests have no room.
Plan plan_prepare(const Host& host, const PrepareRequest& request);
/// Every boot is again as without plan_prepare(), and the pages that nobody uses are free.
Plan plan_prepare_undo(const Host& host);

/// Keeps a GPU from every guest, over boots too. Who has it keeps it. @throws Error Usage without a reason.
Plan plan_quarantine(const Host& host, const std::vector<PciAddress>& gpus, const std::string& reason);
/// Lets guests have it again.
Plan plan_quarantine_release(const Host& host, const std::vector<PciAddress>& gpus);

/// From one tenant to the next. @throws Error Refused while a guest has it or is defined with it, while the
/// host uses it, where a person has put it into quarantine, and where nothing resets it alone.
HandoverPlans plan_handover(const Host& host, PciAddress gpu);
/// What the reset made of it. `before` and `now` are the host before and after the reset, `reset` what became
/// of it. Nothing that cannot be read passes.
Handover check_handover(const Host& before, const Host& now, PciAddress gpu, const Report& reset);
/// Out of quarantine where it is proven; else it stays there, and the findings are the reason. `host` is as
/// it is now. Empty: a person has put it into quarantine meanwhile, or nothing changes.
Plan plan_handover_end(const Host& host, const Handover& handover);

/// What libvirt's hook does before a guest starts, whoever starts it: the GPUs of its definition leave the
/// host. Those that are on vfio-pci stay there. libvirt waits for the hook and cannot be asked meanwhile, so
/// `host` needs no domains: a process that has a device tells of its guest.
/// @throws Error Refused by a guard, and where another device is at an address than the definition means;
/// Malformed for what is no domain.
Plan plan_guest_start(const Host& host, const std::string& guest, const std::string& xml);
/// After the guest ended: what was bound for it goes home.
Plan plan_guest_end(const Host& host, const std::string& guest, const std::string& xml);

/// Tunes the host, as it is declared, for the guests with GPUs that run, and takes back what none of them
/// needs. Some interrupts come when the guest's driver starts: do it again then.
/// @throws Error Refused where the guests are not known.
Plan plan_tune(const Host& host);
/// Everything is as found, but for what somebody else has changed since.
Plan plan_tune_undo(const Host& host);
/// The same in libvirt's hook, which cannot ask for the guests: for those that are recorded, and one that
/// starts with this definition, or that has ended. @throws Error Malformed for what is no domain.
Plan plan_guest_tuning(const Host& host, const std::string& guest, const std::string& xml);
Plan plan_guest_tuning_end(const Host& host, const std::string& guest);

/// Puts gpupass's hook where libvirt asks it about each guest, whoever starts it. @throws Error Refused where
/// the file cannot be read.
Plan plan_hook_install(const Host& host, const std::string& content);
/// Takes it away.
Plan plan_hook_remove(const Host& host);

/// Cuts a GPU into so many virtual functions, which no driver has then. Those that there were are gone, if
/// their number was another one. @throws Error Refused where its driver does not make so many, and while one
/// of them is in use or wanted.
Plan plan_slice_create(const Host& host, PciAddress gpu, unsigned vfs);
/// Takes all its virtual functions away. @throws Error Refused as above.
Plan plan_slice_destroy(const Host& host, PciAddress gpu);

/// Slices that a GPU's driver makes by type: vGPUs of its virtual functions, or mediated devices.
struct SliceRequest {
  std::string type;       ///< As assess_slices() has it for this GPU: "1145", or its name, "L40S-1B".
  unsigned count = 1;     ///< How many more there are to be.
  std::string uuid = {};  ///< Of the mediated device. Empty: it follows from parent, type and a number.
  bool at_boot = false;   ///< mdevctl makes the mediated devices at every boot, too.
};
/// Makes slices of a GPU, or of one virtual function. Of several functions that can have one the lowest are
/// taken. @throws Error Refused where the type cannot be made now, with those that can; Usage for a UUID
/// that is none.
Plan plan_slice_create(const Host& host, PciAddress gpu, const SliceRequest& request);
/// Takes these slices away, for later boots too: mediated devices by their UUIDs, vGPUs by their virtual
/// functions. @throws Error NotFound for a mediated device that nobody knows; Refused while a guest or a
/// process has one, and where a guest is defined with it.
Plan plan_slice_destroy(const Host& host, const std::vector<DeviceId>& slices);

/// Brings GPUs to the instances of MIG that they are to have, at the places of fit_mig(); `existing` of a
/// wish is not looked at. A GPU that is not in MIG mode goes there first; one that is not to be enabled
/// leaves it.
/// @throws Error Refused where they do not fit, where a process has a GPU open whose mode changes or computes
/// on an instance that goes, where a GPU has vGPUs, and where any of that is not known.
Plan plan_mig(const Host& host, const std::vector<MigWish>& wishes);
/// Instances of these profiles beside those that a GPU has, which stay where they are. @throws Error Refused
/// as plan_mig(), and where there is room only if others were placed anew.
Plan plan_mig_create(const Host& host, PciAddress gpu, const std::vector<std::string>& profiles);
/// Takes instances away: by profile and place, "3g.71gb:4", by the id of the GPU instance, "2", or by the
/// UUID of a compute instance. Empty: all. The GPU stays in MIG mode.
/// @throws Error NotFound for a name that none has; Refused as plan_mig().
Plan plan_mig_destroy(const Host& host, PciAddress gpu, const std::vector<std::string>& names);

/// What the boot has to bind: one plan for each set of GPUs that move together, so that an obstacle for one
/// set does not stop the others.
struct BootPlans {
  std::vector<Plan> plans;
  std::vector<Error> refusals;    ///< What plan_bind() said of the sets that have no plan.
  std::vector<Finding> findings;  ///< Another device than the one that is meant, or none; or nobody can tell.
};
BootPlans plan_boot(const Host& host);
/// The slices that the boot has to make, as plan_state() recorded them: one plan for each GPU, with which
/// nothing goes away. As plan_state(), it is made again until it is empty. libvirt may not be there yet, so
/// `host` needs no domains.
BootPlans plan_boot_slices(const Host& host);

/// Checks a plan of plan_recovery(). @throws Error Refused while a device that it would unbind is in use.
void guard_recovery(const Host& host, const Plan& plan);
/// Checks a plan of plan_undo(). @throws Error Refused also while a guest runs that it would stop at once,
/// and by whatever forbids to bind a device that it would take from the host.
void guard_undo(const Host& host, const Plan& plan);

enum class Start { No, Yes };
/// A guest that is to be defined in the hypervisor.
struct DefineRequest {
  std::string name;
  std::string xml;
  Placement placement;                ///< What the definition gives it.
  std::optional<DomainXml> existing;  ///< Its present definition, with its secrets. nullopt: there is none.
  Start start = Start::No;            ///< Yes: its GPUs are bound, and then it is started.
  BindOptions bind = {};
};
Plan plan_define(const Host& host, const DefineRequest& request);
/// A guest that does not exist is defined and started, whatever `request` says of that.
/// @param user_data for cloud-init, whose image must then be among the guest's disks. Empty: none.
/// @throws Error Refused also for a disk that another guest writes to.
Plan plan_run(const Host& host, const DefineRequest& request, const std::string& user_data);

/// Which of a guest's two definitions are changed.
enum class Definitions {
  All,     ///< Those that it has.
  Live,    ///< The guest as it runs, and that alone.
  Config,  ///< What it starts with the next time, and that alone.
  Both,    ///< It must have both.
};
/// How a device is given or taken.
struct AttachOptions {
  Definitions definitions = Definitions::All;
  unsigned timeout_seconds = 60;  ///< For a live guest to let go.
  BindOptions bind = {};
};
Plan plan_attach(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                 const AttachOptions& options);
Plan plan_detach(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                 const AttachOptions& options);

/// How a GPU is given for good.
struct GiveOptions {
  Start start = Start::No;  ///< Of a guest that is off.
  bool at_boot = false;     ///< The GPUs are bound on every boot, too.
  AttachOptions attach = {};
};
/// The whole job for a guest that exists: the GPUs are bound, and go to the guest as it runs and to its
/// definition. The definition of a guest that is off is placed anew, so that its vCPUs and its memory are
/// near the GPUs. @throws Error Refused by a guard, and where the guest does not fit.
Plan plan_give(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
               const GiveOptions& options);
/// The way back: from the guest, and to the host's drivers, at boot too.
Plan plan_take(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
               const AttachOptions& options);

/// What the user can do after this outcome, one line each. Empty: nothing.
std::vector<std::string> next_steps(const Plan& plan, const Report& report);

}  // namespace gpupass
#pragma GCC visibility pop
