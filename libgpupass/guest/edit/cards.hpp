// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"
#include "guest/text/definition.hpp"

namespace gpupass {

/// The functions that go to one slot of the guest: those of a GPU's card, or of the card of another device. A
/// function that shares the group but not the card is bound, but not given.
struct Card {
  enum class Kind { Gpu, Companion };
  Kind kind = Kind::Gpu;
  std::vector<PciAddress> functions;  ///< Ascending.
  std::optional<unsigned>
      cell;  ///< The guest's cell nearest to it; none: it is on no node of the guest, or unknown.
  friend bool operator==(const Card&, const Card&) = default;
};

/// The GPUs' cards come first. A card is listed once, even if the placement names several of its functions.
/// @throws Error Refused as function_of().
std::vector<Card> cards_of(const Host& host, const Placement& placement);
/// The guest's cell that is nearest to a device of the host.
std::optional<unsigned> cell_of(const Host& host, const Placement& placement, DeviceId device);

/// The device that gives a function of the host to the guest; an empty node where none does.
pugi::xml_node giver_of(pugi::xml_node devices, PciAddress function);

}  // namespace gpupass
