// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/identity.hpp"
#include "gpupass/pci.hpp"

/// Records that outlive a boot mean one device.
namespace gpupass {

/// What a function says about itself on every boot: its UUID is known only while its vendor's driver has it.
inline Identity lasting_identity(const PciFunction& function) {
  Identity identity = identity_of(function);
  identity.uuid.clear();
  return identity;
}

/// Whether a record with an address and an identity may mean the function: nothing says otherwise.
bool may_mean(const auto& record, const PciFunction& function) {
  return record.address == function.address &&
         likeness(record.identity, identity_of(function)) != Likeness::Other;
}

}  // namespace gpupass
