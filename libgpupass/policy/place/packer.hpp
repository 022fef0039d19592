// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <random>

#include "policy/place/fleet.hpp"

/// The search for the packing of guests that gives most GPUs. Part of pack().
namespace gpupass {

/// First it puts the guests where they leave least, one after the other: those with the largest share of a
/// resource first; and, if not all fit, by what is scarce, or in the other order. Then it takes all guests
/// off a few hosts again and again, and puts them back in another order, with some of those that were
/// refused. It counts and reads no clock: the same steps lead to the same packing.
class Packer {
 public:
  /// @param go_on is asked before each step, with the best so far; false ends the search.
  /// @param most No packing gives more.
  Packer(Fleet empty, const std::vector<Guest>& guests, const Score& most,
         std::function<bool(const Score&)> go_on);

  /// The best that it has found. All of its guests are placed.
  const Fleet& run();
  /// false: the search was ended before each guest was tried once.
  bool tried_all() const { return tried_all_; }

 private:
  using Order = std::vector<std::size_t>;
  bool may_go_on();
  void fill(const Order& order, const Prices& prices, Fleet::Nodes nodes);
  void keep_if_better(Fleet& fleet);
  Order taken_off(Fleet& fleet);
  Fleet changed(const Fleet& fleet);
  bool accepts(const Fleet& from, const Fleet& to);
  double random_part();                 // From 0 up to 1.
  double random_factor(double spread);  // Around 1.

  const Fleet empty_;
  const std::vector<Guest>& guests_;
  const Score most_;
  std::function<bool(const Score&)> go_on_;
  Prices even_ = {};            // All of one resource is worth as much as all of another.
  std::vector<double> shares_;  // Of the resource that the guest takes the largest share of.
  std::mt19937_64 random_;      // The same numbers in each run.
  Fleet best_;
  bool stopped_ = false, tried_all_ = false;
};

}  // namespace gpupass
