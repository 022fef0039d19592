// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/slices.hpp"

namespace gpupass {

/// The verb in the errors of what makes slices, and takes them away.
inline constexpr auto kSliceVerb = "slice";
/// What they look at, but for those of MIG.
Parts parts_for_slices();

/// A type that the driver of some functions of one GPU could make of them now.
struct Offer {
  SliceKind kind = SliceKind::Mediated;
  std::string type;                           ///< "nvidia-474", "1145".
  std::string name;                           ///< Empty: the driver gives none.
  std::vector<const PciFunction*> functions;  ///< Ascending. A mediated device has one of them as its parent.
};

/// Whether a type is called so: by its id, or by its name without its maker, in letters of any case. "NVIDIA
/// L40S-1B" is also "L40S-1B", and "GRID T4-1Q" is "T4-1Q".
bool is_called(const std::string& type, const std::string& name, const std::string& asked);

/// What a user asks for by an id or a name, of these functions of one card, and of no other card: names have
/// other meanings there. @throws Error Refused where nothing of that name can be made now, or several things
/// have it; the hint lists what can.
Offer offer_called(const Host& host, const PciFunction& gpu, const std::string& type);

}  // namespace gpupass
