// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "policy/slice/mig_cards.hpp"

/// Where GPU instances can be on a card: a small board, on which each piece has a few places. A card has at
/// most 2319 ways to be filled, so everything is found by trying all of them.
namespace gpupass {

/// How many instances of each profile, in the order of the card's profiles.
using MigCounts = std::vector<unsigned>;

/// One instance on the board.
struct MigPlace {
  std::size_t profile = 0;  ///< Its index among the card's.
  unsigned start = 0;
  friend auto operator<=>(const MigPlace&, const MigPlace&) = default;
};

class MigBoard {
 public:
  explicit MigBoard(const MigCard& card);

  const MigCard& card() const { return *card_; }
  /// Whether instances can be at these places at once. Each is a place of its profile.
  bool is_legal(const std::vector<MigPlace>& places) const;
  MigCounts counts(const std::vector<MigPlace>& places) const;

  /// Every way to place so many: ascending in each, no two the same. Empty: they do not fit.
  std::vector<std::vector<MigPlace>> ways(const MigCounts& wanted) const;
  /// All that can be added beside these, the empty set included: no two the same.
  const std::vector<MigCounts>& additions(const std::vector<MigPlace>& places);

  /// The way that keeps as many of the existing ones in their places as can be, and of these ways the one
  /// with the most additions. Empty where `wanted` is, or does not fit.
  std::vector<MigPlace> best_way(const MigCounts& wanted, const std::vector<MigPlace>& existing);

 private:
  /// Which units are taken, and whether the media engines are.
  using Taken = std::pair<unsigned, bool>;
  bool fits(const Taken& taken, const MigPlace& place) const;
  Taken with(Taken taken, const MigPlace& place) const;
  Taken taken_by(const std::vector<MigPlace>& places) const;
  void place_next(const MigCounts& wanted, MigPlace next, unsigned placed, const Taken& taken,
                  std::vector<MigPlace>& places, std::vector<std::vector<MigPlace>>& ways) const;
  void add_next(std::size_t next, const Taken& taken, MigCounts& counts,
                std::vector<MigCounts>& additions) const;

  const MigCard* card_;
  std::vector<MigPlace> all_;  ///< Every place of every profile, ascending.
  std::map<Taken, std::vector<MigCounts>> additions_;
};

}  // namespace gpupass
