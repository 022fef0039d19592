// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/packer.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace gpupass {

namespace {

constexpr unsigned kMostHosts = 3;       // Emptied at once.
constexpr std::size_t kMoreRefused = 4;  // Than guests that were taken off.
constexpr unsigned kSpreadSeldom = 32;   // One round of so many spreads guests over nodes that need not be.
constexpr double kOtherOrder = 0.5;      // How far shares and prices are from their values in a round.
constexpr double kOtherPrices = 0.3;
constexpr double kPriceOfALoss = 0.5;       // Of a GPU, beside the waste.
constexpr double kPatience = 0.2;           // What may be lost on the way to something better.
constexpr std::size_t kIdleRounds = 10000;  // For each guest.

}  // namespace

Packer::Packer(Fleet empty, const std::vector<Guest>& guests, const Score& most,
               std::function<bool(const Score&)> go_on)
    : empty_(std::move(empty)), guests_(guests), most_(most), go_on_(std::move(go_on)), best_(empty_) {
  Amounts all;
  for (std::size_t host = 0; host < empty_.size(); ++host) all += sum_of(empty_.at(host).spare);
  for (std::size_t at = 0; at < even_.size(); ++at)
    if (all.each()[at] > 0) even_[at] = 1 / static_cast<double>(all.each()[at]);
  for (const Guest& guest : guests) {
    double share = 0;
    for (std::size_t at = 0; at < even_.size(); ++at)
      share = std::max(share, static_cast<double>(guest.needs.each()[at]) * even_[at]);
    shares_.push_back(share);
  }
}

const Fleet& Packer::run() {
  Order order(guests_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t guest) { return shares_[guest]; });
  fill(order, even_, Fleet::Nodes::AsPlace);
  tried_all_ = !stopped_;
  fill(order, empty_.prices(), Fleet::Nodes::Tight);
  std::ranges::reverse(order);
  fill(order, empty_.prices(), Fleet::Nodes::Tight);
  Fleet fleet = best_;
  for (std::size_t idle = 0; idle < kIdleRounds * guests_.size() && may_go_on(); ++idle) {
    Fleet other = changed(fleet);
    if (!accepts(fleet, other)) continue;
    fleet = std::move(other);
    const Score before = best_.score();
    keep_if_better(fleet);
    if (before < best_.score()) idle = 0;
  }
  return best_;
}

bool Packer::may_go_on() {
  stopped_ = stopped_ || best_.score() == most_ || !go_on_(best_.score());
  return !stopped_;
}

void Packer::fill(const Order& order, const Prices& prices, Fleet::Nodes nodes) {
  Fleet fleet = empty_;
  for (const std::size_t guest : order) {
    if (!may_go_on()) break;
    fleet.put(guest, prices, nodes);
  }
  keep_if_better(fleet);
}

void Packer::keep_if_better(Fleet& fleet) {
  if (fleet.score() <= best_.score()) return;
  fleet.settle();
  if (fleet.score() > best_.score()) best_ = fleet;
}

/// All guests of a few hosts, of which one has GPUs left.
Packer::Order Packer::taken_off(Fleet& fleet) {
  Order guests;
  const Order open = fleet.open();
  std::size_t host = open.empty() ? random_() % fleet.size() : open[random_() % open.size()];
  for (std::uint64_t more = random_() % kMostHosts;; --more) {
    std::ranges::copy(fleet.clear(host), std::back_inserter(guests));
    if (more == 0) return guests;
    host = random_() % fleet.size();
  }
}

Fleet Packer::changed(const Fleet& fleet) {
  Fleet other = fleet;
  Order refused = other.refused(), guests = taken_off(other);
  const std::size_t more = std::min(refused.size(), guests.size() + kMoreRefused);
  for (std::size_t at = 0; at < more; ++at) {
    std::swap(refused[at], refused[at + random_() % (refused.size() - at)]);
    guests.push_back(refused[at]);
  }
  std::vector<std::pair<double, std::size_t>> order;
  for (const std::size_t guest : guests)
    order.emplace_back(shares_[guest] * random_factor(kOtherOrder), guest);
  std::ranges::sort(order, std::greater<>());
  Prices prices = fleet.prices();
  for (double& price : prices) price *= random_factor(kOtherPrices);
  const auto nodes = random_() % kSpreadSeldom == 0 ? Fleet::Nodes::Tight : Fleet::Nodes::One;
  for (const auto& [share, guest] : order) other.put(guest, prices, nodes);
  return other;
}

/// What is a little worse too, now and then: the way to something better may lead over it.
bool Packer::accepts(const Fleet& from, const Fleet& to) {
  const double worse =
      kPriceOfALoss * (static_cast<double>(from.score().gpus) - static_cast<double>(to.score().gpus)) +
      to.waste() - from.waste();
  return to.score() > best_.score() || random_part() < std::exp(-worse / kPatience);
}

double Packer::random_part() {
  constexpr std::uint64_t kParts = std::uint64_t{1} << 20;
  return static_cast<double>(random_() % kParts) / kParts;
}

double Packer::random_factor(double spread) {
  return 1 + spread * (2 * random_part() - 1);
}

}  // namespace gpupass
