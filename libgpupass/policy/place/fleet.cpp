// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/fleet.hpp"

#include <algorithm>
#include <utility>

#include "policy/place/placement_of.hpp"
#include "policy/place/taken.hpp"

namespace gpupass {

namespace {

/// A tenth of a second. A guest that is not placed by then counts as one that does not fit.
constexpr std::uint64_t kSteps = std::uint64_t{1} << 20;

/// So many are remembered: some tens of MiB.
constexpr std::size_t kMostUnfit = std::size_t{1} << 19;

std::size_t gpus_left(const Stock& stock, const std::vector<Guest>& guests) {
  std::size_t gpus = stock.left->gpus.size();
  for (const auto& [guest, node] : stock.counted) gpus -= guests[guest].needs.gpus;
  return gpus;
}

Prices prices_in_gpus(const Amounts& all, const std::vector<Guest>& guests) {
  Amounts asked;
  for (const Guest& guest : guests) asked += guest.needs;
  Prices prices = {};
  for (std::size_t at = 0; at < prices.size(); ++at)
    if (const auto most = static_cast<double>(all.each()[at]); most > 0)
      prices[at] =
          std::min(1.0, static_cast<double>(asked.each()[at]) / most) * static_cast<double>(all.gpus) / most;
  return prices;
}

}  // namespace

Fleet::Fleet(const std::vector<FreeResources>& hosts, const std::vector<std::size_t>& shapes,
             const std::vector<Guest>& guests)
    : known_(std::make_shared<Known>(guests)), placed_(guests.size()) {
  known_->first.resize(hosts.size());
  known_->states = hosts.size();
  std::vector<Stock> stocks(hosts.size());
  Amounts all;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    stocks[host].left = std::make_shared<const FreeResources>(hosts[host]);
    stocks[host].state = shapes[host];
    stocks[host].spare = spare_of(hosts[host]);
    all += sum_of(stocks[host].spare);
  }
  known_->prices = prices_in_gpus(all, guests);
  for (Stock& stock : stocks) {
    stock.waste = waste_of(stock.spare);
    waste_ += stock.waste;
    gpus_left_.push_back(stock.left->gpus.size());
    stocks_.push_back(std::make_shared<const Stock>(std::move(stock)));
  }
  known_->empty = stocks_;
}

std::optional<Fleet::Spot> Fleet::best_spot(const Guest& guest, const Prices& prices, bool on_one) const {
  std::optional<Spot> best;
  double least = 0;
  const auto consider = [&](const Amounts& amounts, const Spot& spot) {
    const double value = value_of(amounts, prices);
    if (best && value >= least) return;
    if (known_->unfit.contains({stocks_[spot.host]->state, spot.node, guest.kind})) return;
    best = spot;
    least = value;
  };
  for (std::size_t host = 0; host < stocks_.size(); ++host) {
    if (gpus_left_[host] < guest.needs.gpus) continue;
    const Stock& stock = *stocks_[host];
    if (!on_one && may_hold(*stock.left, stock.spare, guest.problem))
      consider(sum_of(stock.spare), {host, {}});
    for (std::size_t node = 0; on_one && node < stock.spare.size(); ++node)
      if (holds(stock.spare[node], guest.needs)) consider(stock.spare[node].amounts, {host, node});
  }
  return best;
}

bool Fleet::put(std::size_t guest, const Prices& prices, Nodes nodes) {
  const Guest& wanted = known_->guests[guest];
  if (!wanted.possible) return false;
  const bool has_cells = !wanted.problem.guest_needs.cells.empty();
  if (!has_cells)
    while (const auto spot = best_spot(wanted, prices, true))
      if ((nodes == Nodes::AsPlace && put_on({spot->host, {}}, guest)) || put_on(*spot, guest)) return true;
  if (nodes == Nodes::One && !wanted.wide) return false;
  // One GPU is on one node, and so is what has to be near it.
  if (wanted.needs.gpus == 1 && wanted.problem.numa == NumaPolicy::Required && !has_cells) return false;
  while (const auto spot = best_spot(wanted, prices, false))
    if (put_on(*spot, guest)) return true;
  return false;
}

bool Fleet::put_on(const Spot& spot, std::size_t guest) {
  const bool counts =
      spot.node && is_counted(stocks_[spot.host]->spare[*spot.node], known_->guests[guest].problem);
  if (!counts) settle(spot.host);
  Stock stock = *stocks_[spot.host];
  if (counts)
    count_on(spot, guest, stock);
  else if (!place_on(spot, guest, stock))
    return false;
  replace(spot.host, std::move(stock));
  add(guest);
  return true;
}

void Fleet::count_on(const Spot& spot, std::size_t guest, Stock& stock) const {
  count_off(stock.spare[*spot.node], known_->guests[guest].needs);
  stock.counted.emplace_back(guest, *spot.node);
}

bool Fleet::place_on(const Spot& spot, std::size_t guest, Stock& stock) const {
  if (spot.node || !stock.placed.empty()) return search_on(spot, guest, stock);
  const std::size_t kind = known_->guests[guest].kind;
  auto& first = known_->first[spot.host];
  if (first && first->first == kind) {
    stock = first->second;
    stock.placed.front().first = guest;
    return true;
  }
  if (!search_on(spot, guest, stock)) return false;
  first.emplace(kind, stock);
  return true;
}

bool Fleet::search_on(const Spot& spot, std::size_t guest, Stock& stock) const {
  const Guest& wanted = known_->guests[guest];
  const std::tuple state(stock.state, spot.node, wanted.kind);
  if (known_->unfit.contains(state)) return false;
  const FreeResources part = spot.node ? only(*stock.left, *spot.node) : *stock.left;
  const auto best = solve(part, wanted.problem, kSteps).best;
  if (!best) {
    if (known_->unfit.size() == kMostUnfit) known_->unfit.clear();
    known_->unfit.insert(state);
    return false;
  }
  auto placement = std::make_shared<const Placement>(placement_of(part, *best));
  auto left = std::make_shared<FreeResources>(*stock.left);
  take(*left, *placement);
  stock.spare = spare_of(*left);
  stock.left = std::move(left);
  stock.state = known_->states++;
  stock.placed.emplace_back(guest, std::move(placement));
  return true;
}

void Fleet::settle() {
  for (std::size_t host = 0; host < stocks_.size(); ++host) settle(host);
}

void Fleet::settle(std::size_t host) {
  if (stocks_[host]->counted.empty()) return;
  Stock stock = *stocks_[host];
  for (const auto& [guest, node] : std::exchange(stock.counted, {}))
    if (!place_on({host, node}, guest, stock)) drop(guest);
  replace(host, std::move(stock));
}

std::vector<std::size_t> Fleet::clear(std::size_t host) {
  std::vector<std::size_t> guests;
  for (const auto& [guest, placement] : stocks_[host]->placed) guests.push_back(guest);
  for (const auto& [guest, node] : stocks_[host]->counted) guests.push_back(guest);
  for (const std::size_t guest : guests) drop(guest);
  replace(host, known_->empty[host]);
  return guests;
}

void Fleet::replace(std::size_t host, Stock stock) {
  stock.waste = waste_of(stock.spare);
  replace(host, std::make_shared<const Stock>(std::move(stock)));
}

void Fleet::replace(std::size_t host, std::shared_ptr<const Stock> stock) {
  gpus_left_[host] = gpus_left(*stock, known_->guests);
  waste_ += stock->waste - stocks_[host]->waste;
  stocks_[host] = std::move(stock);
}

double Fleet::waste_of(const std::vector<Spare>& nodes) const {
  double waste = 0;
  for (const Spare& node : nodes) {
    std::array<double, 3> worth;
    for (std::size_t at = 0; at < worth.size(); ++at)
      worth[at] = static_cast<double>(node.amounts.each()[at]) * known_->prices[at];
    for (const double one : worth) waste += std::ranges::max(worth) - one;
  }
  return waste;
}

void Fleet::add(std::size_t guest) {
  placed_[guest] = true;
  score_.gpus += known_->guests[guest].needs.gpus;
  ++score_.guests;
}

void Fleet::drop(std::size_t guest) {
  placed_[guest] = false;
  score_.gpus -= known_->guests[guest].needs.gpus;
  --score_.guests;
}

std::vector<std::size_t> Fleet::refused() const {
  std::vector<std::size_t> guests;
  for (std::size_t guest = 0; guest < placed_.size(); ++guest)
    if (!placed_[guest]) guests.push_back(guest);
  return guests;
}

std::vector<std::size_t> Fleet::open() const {
  std::vector<std::size_t> hosts;
  for (std::size_t host = 0; host < stocks_.size(); ++host)
    if (gpus_left_[host] > 0) hosts.push_back(host);
  return hosts;
}

}  // namespace gpupass
