// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/slices.hpp"

/// The MIG instances that a GPU has now, in the words of its card's table.
namespace gpupass {

/// "3g.71gb"; "profile 9" where the card has none of that id, or is not known.
std::string mig_profile_name(const PciFunction& gpu, unsigned profile_id);

/// Whether a process computes on it.
Answer is_in_use(const MigGpuInstance& instance);

/// MIG of one function, and what of it is not known. That is said of cards alone that can have MIG.
Fact<MigAssessment> assess_mig(const PciFunction& gpu, std::vector<std::string>& unknown);

/// A type of slice for each profile of the card. Empty: it is not known which there are.
std::vector<SliceType> mig_types(const Host& host, const PciFunction& gpu);

/// How many instances of each profile, by its name.
using MigProfiles = std::map<std::string, unsigned, std::less<>>;
/// Those that a GPU has now; none where that is not known.
MigProfiles profiles_now(const Host& host, PciAddress gpu);
/// The name of each instance's profile.
std::vector<std::string> names_in(const MigProfiles& profiles);

}  // namespace gpupass
