// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpupass/pci.hpp"

/// The profiles of MIG that each card has, as data. Profiles with one name are other shapes on other cards,
/// so nothing is computed from a name.
namespace gpupass {

/// One profile of GPU instances of one card.
struct MigProfile {
  unsigned id = 0;  ///< Of the GPU instance profile, as NVML has it in nvmlGpuInstanceProfileInfo_t.
  std::string_view name;
  unsigned compute_slices = 0;
  unsigned size = 0;             ///< In the card's units of memory.
  std::vector<unsigned> starts;  ///< Ascending.
  unsigned most = 0;             ///< How many there can be at once.
  bool with_media = false;       ///< It has the media engines of which one instance of the card can have any.
};

struct MigCard {
  std::string_view name;
  std::vector<std::uint16_t> devices;  ///< Of vendor 10de.
  unsigned compute_slices = 0;
  unsigned units = 0;                ///< Of memory.
  std::vector<MigProfile> profiles;  ///< The largest first.
  bool reset_for_mode = false;       ///< The driver resets it when its MIG mode changes.
  /// Other names that drivers gave to profiles, and the names here.
  std::vector<std::pair<std::string_view, std::string_view>> other_names;
};

const std::vector<MigCard>& mig_cards();

/// nullptr: no MIG is known of the function's model.
const MigCard* find_mig_card(const PciFunction& function);

/// The index of a profile; the number of profiles where the card has none of that name.
std::size_t profile_named(const MigCard& card, std::string_view name);

}  // namespace gpupass
