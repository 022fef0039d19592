// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#pragma GCC visibility push(default)
namespace gpupass {

/// Which parts of the host a probe reads. What is not asked for is not read.
struct Parts {
  /// Ids, driver, group, node and place of every function, not only of GPUs and their neighbours.
  bool all_functions = false;
  /// PCI Express links of GPUs; with `details` or `all_functions` also of their path.
  bool links = false;
  bool all_links = false;  ///< PCI Express links of all functions.
  /// Power, subsystem, mediated devices of GPUs and their companions, and reset methods and BARs of those.
  bool details = false;
  bool config = false;     ///< Configuration space: ACS of every function that matters for isolation.
  bool overrides = false;  ///< driver_override of GPUs and of what moves with them, read behind a deadline.
  bool groups = false;     ///< All IOMMU groups; without it only those of GPUs.
  bool iommu = false;
  bool cpus = false;  ///< CPU topology, NUMA nodes and direct links.
  bool domains = false;
  bool holders = false;  ///< Who has /dev/vfio nodes open.
  bool users = false;   ///< Those, and who has a node of a GPU's, or its sound card's, driver open or mapped.
  bool uses = false;    ///< What the host itself uses: disks, networks, console, keyboards.
  bool health = false;  ///< What only check() judges: the platform, NUMA nodes, and the errors of links.
  bool slices = false;  ///< What GPUs can be cut into, and are, beside virtual functions.
  bool mig = false;     ///< MIG of GPUs that NVIDIA's driver has. Its library takes a second to begin.
  bool preparation = false;  ///< What prepares the host at boot, and the huge pages of NUMA nodes.
  bool tuning = false;       ///< What can be tuned while guests run, and is.
  bool boot = false;         ///< Boot images, what builds them, and what else gives devices to drivers.

  static Parts everything();
  friend bool operator==(const Parts&, const Parts&) = default;
};

/// What either asks for.
Parts operator|(const Parts& one, const Parts& other);

/// What can be done with a Host.
enum class Verb {
  List,         ///< assess(), select_gpus()
  Show,         ///< assess(), isolation_of()
  Groups,       ///< isolation_of() of all groups
  Topology,     ///< The tree of NUMA nodes and PCI bridges.
  Check,        ///< check()
  CheckDomain,  ///< check_domain() of any definition; of one just made for a placement, Define has enough.
  Status,       ///< overview()
  Place,        ///< place(), pack()
  Bind,         ///< plan_bind(), plan_bind_at_boot(), boot_duty()
  Release,      ///< plan_release(), plan_release_at_boot()
  Define,       ///< place() and plan_define()
  Attach,       ///< plan_attach()
  Detach,       ///< plan_detach()
  Give,         ///< plan_give()
  Take,         ///< plan_take()
  Recover,      ///< guard_recovery()
  Undo,         ///< guard_undo()
  Boot,         ///< plan_boot_install(), plan_boot_remove()
  Assert,       ///< state_of(), compare_state()
  State,        ///< plan_state()
  Quarantine,   ///< plan_quarantine(), plan_quarantine_release()
  Handover,     ///< plan_handover(), check_handover(), plan_handover_end()
  Hook,         ///< plan_guest_start(), plan_guest_end(), plan_hook_install(), plan_hook_remove()
  Slices,       ///< assess_slices()
  Slice,        ///< plan_slice_create(), plan_slice_destroy(), plan_mig()
  Prepare,      ///< plan_prepare(), plan_prepare_undo()
  Tune,         ///< plan_tune(), plan_tune_undo(), plan_guest_tuning(), plan_guest_tuning_end()
  Validate,     ///< validate(), seen_in_guest()
};

/// The parts of a Host that a verb looks at. With a host that was probed with fewer parts, its functions
/// never say yes: they answer unknown, or refuse with an Error that names the part.
Parts needs(Verb verb);

}  // namespace gpupass
#pragma GCC visibility pop
