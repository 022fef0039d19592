// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "gpupass/placement.hpp"
#include "policy/place/guests.hpp"

/// Hosts, the guests on them, and what they have left. Part of pack().
namespace gpupass {

/// One host and its guests.
struct Stock {
  std::shared_ptr<const FreeResources> left;  ///< By the guests that are placed.
  std::size_t state = 0;                      ///< The same only where the same is left.
  std::vector<std::pair<std::size_t, std::shared_ptr<const Placement>>> placed;
  std::vector<std::pair<std::size_t, std::size_t>> counted;  ///< Guests, each with its node.
  std::vector<Spare> spare;                                  ///< By the guests of both kinds.
  double waste = 0;
};

/// A value: a copy shares its hosts with the original until one of the two changes them.
///
/// A guest on one node takes of it what can be counted. Which GPUs and cores it gets is decided when somebody
/// has to know, by solve(), as for place().
class Fleet {
 public:
  Fleet(const std::vector<FreeResources>& hosts, const std::vector<std::size_t>& shapes,
        const std::vector<Guest>& guests);

  /// Which nodes of a host a guest goes to.
  enum class Nodes {
    AsPlace,  ///< The best for the guest, by place().
    Tight,    ///< One where it leaves least, or several where none has room.
    One       ///< The same; several only for a guest that fits on no node alone.
  };
  /// Puts a guest where what is left is worth least. @returns false where it fits nowhere.
  bool put(std::size_t guest, const Prices& prices, Nodes nodes);
  /// Takes all guests off a host. @returns who was there.
  std::vector<std::size_t> clear(std::size_t host);
  /// Places the guests that are only counted.
  void settle();

  /// What one of each resource is worth, in GPUs: less, where there is more of it than is asked for.
  const Prices& prices() const { return known_->prices; }
  Score score() const { return score_; }
  /// How ill-matched GPUs, threads and memory are that the nodes have left, in GPUs.
  double waste() const { return waste_; }
  std::size_t size() const { return stocks_.size(); }
  const Stock& at(std::size_t host) const { return *stocks_[host]; }
  std::vector<std::size_t> refused() const;
  /// The hosts that have GPUs left.
  std::vector<std::size_t> open() const;

 private:
  /// A place for a guest: a host, or one node of it.
  struct Spot {
    std::size_t host = 0;
    std::optional<std::size_t> node;
  };
  /// What all copies know together.
  struct Known {
    const std::vector<Guest>& guests;
    std::vector<std::shared_ptr<const Stock>> empty;
    Prices prices = {};
    std::size_t states = 0;  // So many there have been.
    std::set<std::tuple<std::size_t, std::optional<std::size_t>, std::size_t>> unfit;  // State, node, kind.
    /// The last guest that was placed on each host before all others: its kind, and the host with it.
    std::vector<std::optional<std::pair<std::size_t, Stock>>> first;
  };
  std::optional<Spot> best_spot(const Guest& guest, const Prices& prices, bool on_one) const;
  bool put_on(const Spot& spot, std::size_t guest);
  void count_on(const Spot& spot, std::size_t guest, Stock& stock) const;
  bool place_on(const Spot& spot, std::size_t guest, Stock& stock) const;
  bool search_on(const Spot& spot, std::size_t guest, Stock& stock) const;
  void settle(std::size_t host);
  void replace(std::size_t host, Stock stock);
  void replace(std::size_t host, std::shared_ptr<const Stock> stock);
  void add(std::size_t guest);
  void drop(std::size_t guest);
  double waste_of(const std::vector<Spare>& nodes) const;

  std::shared_ptr<Known> known_;
  std::vector<std::shared_ptr<const Stock>> stocks_;
  std::vector<std::size_t> gpus_left_;  // Of each host.
  std::vector<bool> placed_;            // Each guest.
  Score score_;
  double waste_ = 0;
};

}  // namespace gpupass
