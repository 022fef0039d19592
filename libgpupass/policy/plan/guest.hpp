// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/policy.hpp"

/// What the plans that change a guest have in common.
namespace gpupass {

/// The definitions to change, the persistent one first: it is easy to restore, while a live guest may need
/// time. `verb` is for the error. @throws Error Refused when one is asked for that the guest does not have.
std::vector<Scope> scopes_of(const DomainXml& domain, const AttachOptions& options, const std::string& verb);

const std::string& definition_of(const DomainXml& domain, Scope scope);

/// The functions of the cards, each GPU before its companions.
std::vector<PciAddress> cards_of(const Host& host, const std::vector<PciAddress>& gpus);

/// That the domain is as it was seen; nullptr: that there is none.
Assumption assumption_of(const std::string& name, const DomainXml* domain);

/// @throws Error Refused when a guest other than `guest` runs with one of them.
void refuse_other_guests(const Host& host, const std::vector<PciAddress>& gpus, const std::string& guest,
                         const std::string& verb);

/// What the user should know of other guests' wishes.
void note_other_wishes(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus,
                       const std::string& guest);

/// That someone has to bind the GPUs after a reboot, unless the boot does.
void note_reboot(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus);

}  // namespace gpupass
