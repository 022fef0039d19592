// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/parts.hpp"

namespace gpupass {

namespace {

/// What forbids to give a GPU away.
constexpr Parts kForbidding = {.iommu = true, .domains = true, .holders = true, .users = true, .uses = true};

constexpr Parts kPlacement = {.links = true, .cpus = true};

/// The serial numbers by which a device is recorded, and the ports that isolate it, are in `config`.
constexpr Parts kIdentity = {.config = true};

}  // namespace

Parts Parts::everything() {
  return {.all_functions = true,
          .links = true,
          .all_links = true,
          .details = true,
          .config = true,
          .overrides = true,
          .groups = true,
          .iommu = true,
          .cpus = true,
          .domains = true,
          .holders = true,
          .users = true,
          .uses = true,
          .health = true,
          .slices = true,
          .mig = true,
          .preparation = true,
          .tuning = true,
          .boot = true};
}

Parts operator|(const Parts& one, const Parts& other) {
  return {.all_functions = one.all_functions || other.all_functions,
          .links = one.links || other.links,
          .all_links = one.all_links || other.all_links,
          .details = one.details || other.details,
          .config = one.config || other.config,
          .overrides = one.overrides || other.overrides,
          .groups = one.groups || other.groups,
          .iommu = one.iommu || other.iommu,
          .cpus = one.cpus || other.cpus,
          .domains = one.domains || other.domains,
          .holders = one.holders || other.holders,
          .users = one.users || other.users,
          .uses = one.uses || other.uses,
          .health = one.health || other.health,
          .slices = one.slices || other.slices,
          .mig = one.mig || other.mig,
          .preparation = one.preparation || other.preparation,
          .tuning = one.tuning || other.tuning,
          .boot = one.boot || other.boot};
}

Parts needs(Verb verb) {
  const Parts devices = kForbidding | Parts{.details = true, .overrides = true};
  const Parts bind = devices | kIdentity | Parts{.boot = true};
  switch (verb) {
    case Verb::List:
      // Without overrides: a driver that hangs would make it wait for each of them.
      return kForbidding | Parts{.links = true};
    case Verb::Check:
      return needs(Verb::Show) | Parts{.health = true, .preparation = true};
    case Verb::Show:  // The ACS walk looks at the ports beside the path too.
      return bind | Parts{.all_functions = true, .links = true};
    case Verb::Status:
      return needs(Verb::Check) | Parts{.cpus = true};
    case Verb::Groups:
      return {.all_functions = true, .config = true, .groups = true, .iommu = true};
    case Verb::Topology:
      return {.all_functions = true,
              .links = true,
              .all_links = true,
              .config = true,
              .iommu = true,
              .cpus = true,
              .domains = true};
    case Verb::CheckDomain:  // A network card that the definition means may be anywhere by now.
      return {.all_functions = true, .config = true, .cpus = true, .uses = true};
    case Verb::Place:
      return devices | kPlacement;
    case Verb::Bind:
    case Verb::Attach:
      return bind;
    case Verb::Release:
      return {.details = true,
              .config = true,
              .overrides = true,
              .domains = true,
              .holders = true,
              .users = true,
              .boot = true};
    case Verb::Define:
      return bind | kPlacement;
    case Verb::Detach:
      return {.domains = true, .holders = true};
    case Verb::Recover:  // What it unbinds may be any function.
      return {.all_functions = true, .domains = true, .holders = true};
    case Verb::Give:
      return needs(Verb::Define) | needs(Verb::Attach) | needs(Verb::CheckDomain);
    case Verb::Take:
      return needs(Verb::Detach) | needs(Verb::Release);
    case Verb::Undo:
      return needs(Verb::Recover) | needs(Verb::Bind);
    case Verb::Assert:
      return kIdentity | Parts{.details = true, .iommu = true, .slices = true, .preparation = true};
    case Verb::State:
      return bind | Parts{.slices = true, .preparation = true};
    case Verb::Quarantine:
      return bind;
    case Verb::Handover:
      return needs(Verb::Check);
    case Verb::Hook: {  // libvirt waits for it.
      Parts parts = bind;
      parts.domains = false;
      return parts;
    }
    case Verb::Boot:
      return {.boot = true};
    case Verb::Prepare:
      return needs(Verb::Check);
    case Verb::Tune:
      return {.cpus = true, .domains = true, .tuning = true};
    case Verb::Validate:
      return {.links = true, .details = true, .cpus = true, .domains = true};
    case Verb::Slices:
      return kForbidding | Parts{.details = true, .slices = true, .mig = true};
    case Verb::Slice:
      return bind | Parts{.slices = true, .mig = true};
  }
  return Parts::everything();
}

}  // namespace gpupass
