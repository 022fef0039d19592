// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"
#include "guest/text/definition.hpp"

namespace gpupass {

/// What of the host goes to one slot of the guest: all functions of a GPU's card, or of what goes with it.
/// What shares a group, but not the card, is bound and not given.
struct Card {
  enum class Kind { Gpu, Companion };
  Kind kind = Kind::Gpu;
  std::vector<PciAddress> functions;  ///< Ascending.
  std::optional<unsigned>
      cell;  ///< The guest's cell nearest to it; none: it is on no node of the guest, or unknown.
  friend bool operator==(const Card&, const Card&) = default;
};

/// The GPUs' first. One card for all that the placement names of it.
std::vector<Card> cards_of(const Host& host, const Placement& placement);
/// The guest's cell that is nearest to a function of the host.
std::optional<unsigned> cell_of(const Host& host, const Placement& placement, PciAddress function);

/// The device that gives a function of the host to the guest; an empty node where none does.
pugi::xml_node giver_of(pugi::xml_node devices, PciAddress function);

}  // namespace gpupass
