// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mig_cards.hpp"

#include <algorithm>
#include <array>

#include "values/card.hpp"

namespace gpupass {

namespace {

using Names = std::array<std::string_view, 7>;
using Devices = std::vector<std::uint16_t>;

/// The shapes of A100 and its successors. Sources: NVIDIA's Multi-Instance GPU user guide (v610), "Supported
/// MIG profiles"; NVML's ids as `nvidia-smi mig -lgip` lists them. The names follow in the same order.
MigCard seven_slices(std::string_view card, Devices devices, const Names& names) {
  return {.name = card,
          .devices = std::move(devices),
          .compute_slices = 7,
          .units = 8,
          .profiles = {{0, names[0], 7, 8, {0}, 1},
                       {5, names[1], 4, 4, {0}, 1},
                       {9, names[2], 3, 4, {0, 4}, 2},
                       {14, names[3], 2, 2, {0, 2, 4}, 3},
                       {15, names[4], 1, 2, {0, 2, 4, 6}, 4},
                       {20, names[5], 1, 1, {0, 1, 2, 3, 4, 5, 6}, 1, true},
                       {19, names[6], 1, 1, {0, 1, 2, 3, 4, 5, 6}, 7}},
          .reset_for_mode = card.starts_with("A100"),  // Of Ampere, as A30.
          .other_names = {}};
}

/// Source: the same guide, "A30 MIG profiles".
MigCard a30() {
  return {.name = "A30",
          .devices = {0x20b7},
          .compute_slices = 4,
          .units = 4,
          .profiles = {{0, "4g.24gb", 4, 4, {0}, 1},
                       {6, "2g.12gb+me", 2, 2, {0, 2}, 1, true},
                       {5, "2g.12gb", 2, 2, {0, 2}, 2},
                       {21, "1g.6gb+me", 1, 1, {0, 1, 2, 3}, 1, true},
                       {14, "1g.6gb", 1, 1, {0, 1, 2, 3}, 4}},
          .reset_for_mode = true,
          .other_names = {}};
}

/// Twelve units of memory: a profile of one slice has three. Sources: the same guide, "RTX PRO 6000 Blackwell
/// MIG profiles", and listings of `nvidia-smi mig -lgipp`. The board needs a VBIOS of 98.02.55.00.00 or
/// newer.
MigCard rtx_pro_6000() {
  const std::vector<unsigned> quarters = {0, 3, 6, 9}, halves = {0, 6};
  return {.name = "RTX PRO 6000",
          .devices = {0x2bb5},
          .compute_slices = 4,
          .units = 12,
          .profiles = {{0, "4g.96gb", 4, 12, {0}, 1},
                       {32, "4g.96gb+gfx", 4, 12, {0}, 1},
                       {64, "2g.48gb+me.all", 2, 6, halves, 1, true},
                       {5, "2g.48gb", 2, 6, halves, 2},
                       {35, "2g.48gb+gfx", 2, 6, halves, 2},
                       {66, "2g.48gb-me", 2, 6, halves, 2},
                       {65, "1g.24gb+me.all", 1, 3, quarters, 1, true},
                       {21, "1g.24gb+me", 1, 3, quarters, 1, true},
                       {14, "1g.24gb", 1, 3, quarters, 4},
                       {47, "1g.24gb+gfx", 1, 3, quarters, 4},
                       {67, "1g.24gb-me", 1, 3, quarters, 4}},
          .reset_for_mode = false,
          .other_names = {}};
}

/// Drivers name profiles by the memory that the board has: those of GB200 were seen with both names. Source:
/// the default file of mig-parted has all of them.
MigCard gb200() {
  MigCard card = seven_slices(
      "GB200", {0x2941}, {"7g.186gb", "4g.93gb", "3g.93gb", "2g.47gb", "1g.47gb", "1g.23gb+me", "1g.23gb"});
  card.other_names = {{"7g.189gb", "7g.186gb"}, {"4g.95gb", "4g.93gb"}, {"3g.95gb", "3g.93gb"}};
  return card;
}

/// Sources of names: the same guide. Of device ids: the default file of mig-parted, deployments/systemd.
std::vector<MigCard> all_cards() {
  return {
      a30(),
      seven_slices("A100 40GB", {0x20b0, 0x20b1, 0x20f1, 0x20f6},
                   {"7g.40gb", "4g.20gb", "3g.20gb", "2g.10gb", "1g.10gb", "1g.5gb+me", "1g.5gb"}),
      seven_slices("A100 80GB", {0x20b2, 0x20b5, 0x20f3, 0x20f5},
                   {"7g.80gb", "4g.40gb", "3g.40gb", "2g.20gb", "1g.20gb", "1g.10gb+me", "1g.10gb"}),
      seven_slices("H100 80GB", {0x2322, 0x2324, 0x2330, 0x2331},
                   {"7g.80gb", "4g.40gb", "3g.40gb", "2g.20gb", "1g.20gb", "1g.10gb+me", "1g.10gb"}),
      seven_slices("H100 NVL", {0x2321, 0x233a},
                   {"7g.94gb", "4g.47gb", "3g.47gb", "2g.24gb", "1g.24gb", "1g.12gb+me", "1g.12gb"}),
      // PG506, H20, H100 96GB, GH200 96GB.
      seven_slices("H100 96GB", {0x20b6, 0x2329, 0x233d, 0x2342},
                   {"7g.96gb", "4g.48gb", "3g.48gb", "2g.24gb", "1g.24gb", "1g.12gb+me", "1g.12gb"}),
      seven_slices("H200", {0x2335, 0x233b},
                   {"7g.141gb", "4g.71gb", "3g.71gb", "2g.35gb", "1g.35gb", "1g.18gb+me", "1g.18gb"}),
      seven_slices("GH200 144GB", {0x2348},
                   {"7g.144gb", "4g.72gb", "3g.72gb", "2g.36gb", "1g.36gb", "1g.18gb+me", "1g.18gb"}),
      seven_slices("B200", {0x2901},
                   {"7g.180gb", "4g.90gb", "3g.90gb", "2g.45gb", "1g.45gb", "1g.23gb+me", "1g.23gb"}),
      gb200(),
      seven_slices("B300", {0x3182},
                   {"7g.269gb", "4g.135gb", "3g.135gb", "2g.67gb", "1g.67gb", "1g.34gb+me", "1g.34gb"}),
      seven_slices("GB300", {0x31c2},
                   {"7g.278gb", "4g.139gb", "3g.139gb", "2g.70gb", "1g.70gb", "1g.35gb+me", "1g.35gb"}),
      rtx_pro_6000(),
  };
}

}  // namespace

const std::vector<MigCard>& mig_cards() {
  static const std::vector<MigCard> cards = all_cards();
  return cards;
}

const MigCard* find_mig_card(const PciFunction& function) {
  if (function.vendor.value_or(0) != kNvidia || !function.device || is_virtual(function)) return nullptr;
  const auto card = std::ranges::find_if(mig_cards(), [&](const MigCard& one) {
    return std::ranges::find(one.devices, *function.device) != one.devices.end();
  });
  return card == mig_cards().end() ? nullptr : &*card;
}

std::size_t profile_named(const MigCard& card, std::string_view name) {
  const auto other =
      std::ranges::find(card.other_names, name, &std::pair<std::string_view, std::string_view>::first);
  if (other != card.other_names.end()) name = other->second;
  const auto profile = std::ranges::find(card.profiles, name, &MigProfile::name);
  return static_cast<std::size_t>(profile - card.profiles.begin());
}

}  // namespace gpupass
