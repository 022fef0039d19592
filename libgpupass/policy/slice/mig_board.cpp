// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mig_board.hpp"

#include <algorithm>
#include <tuple>

#include "values/sort_unique.hpp"

namespace gpupass {

MigBoard::MigBoard(const MigCard& card) : card_(&card) {
  for (std::size_t at = 0; at < card.profiles.size(); ++at)
    for (const unsigned start : card.profiles[at].starts) all_.push_back({at, start});
}

bool MigBoard::fits(const Taken& taken, const MigPlace& place) const {
  const MigProfile& profile = card_->profiles[place.profile];
  const unsigned units = ((1U << profile.size) - 1) << place.start;
  return (taken.first & units) == 0 && !(taken.second && profile.with_media);
}

MigBoard::Taken MigBoard::with(Taken taken, const MigPlace& place) const {
  const MigProfile& profile = card_->profiles[place.profile];
  taken.first |= ((1U << profile.size) - 1) << place.start;
  taken.second = taken.second || profile.with_media;
  return taken;
}

MigBoard::Taken MigBoard::taken_by(const std::vector<MigPlace>& places) const {
  Taken taken;
  for (const MigPlace& place : places) taken = with(taken, place);
  return taken;
}

bool MigBoard::is_legal(const std::vector<MigPlace>& places) const {
  Taken taken;
  for (const MigPlace& place : places) {
    if (!std::ranges::binary_search(all_, place) || !fits(taken, place)) return false;
    taken = with(taken, place);
  }
  return true;
}

MigCounts MigBoard::counts(const std::vector<MigPlace>& places) const {
  MigCounts counts(card_->profiles.size());
  for (const MigPlace& place : places) ++counts[place.profile];
  return counts;
}

/// `next` is the first place that may be tried, `placed` how many of its profile have a place already.
void MigBoard::place_next(const MigCounts& wanted, MigPlace next, unsigned placed, const Taken& taken,
                          std::vector<MigPlace>& places, std::vector<std::vector<MigPlace>>& ways) const {
  while (next.profile < wanted.size() && placed == wanted[next.profile]) {
    next = {next.profile + 1, 0};
    placed = 0;
  }
  if (next.profile == wanted.size()) {
    ways.push_back(places);
    return;
  }
  for (const unsigned start : card_->profiles[next.profile].starts) {
    const MigPlace place = {next.profile, start};
    if (start < next.start || !fits(taken, place)) continue;
    places.push_back(place);
    place_next(wanted, {place.profile, start + 1}, placed + 1, with(taken, place), places, ways);
    places.pop_back();
  }
}

std::vector<std::vector<MigPlace>> MigBoard::ways(const MigCounts& wanted) const {
  std::vector<std::vector<MigPlace>> ways;
  std::vector<MigPlace> places;
  place_next(wanted, {}, 0, {}, places, ways);
  return ways;
}

void MigBoard::add_next(std::size_t next, const Taken& taken, MigCounts& counts,
                        std::vector<MigCounts>& additions) const {
  additions.push_back(counts);
  for (; next < all_.size(); ++next) {
    if (!fits(taken, all_[next])) continue;
    ++counts[all_[next].profile];
    add_next(next + 1, with(taken, all_[next]), counts, additions);
    --counts[all_[next].profile];
  }
}

const std::vector<MigCounts>& MigBoard::additions(const std::vector<MigPlace>& places) {
  const Taken taken = taken_by(places);
  const auto [known, is_new] = additions_.try_emplace(taken);
  if (is_new) {
    MigCounts counts(card_->profiles.size());
    add_next(0, taken, counts, known->second);
    sort_unique(known->second);
  }
  return known->second;
}

std::vector<MigPlace> MigBoard::best_way(const MigCounts& wanted, const std::vector<MigPlace>& existing) {
  std::vector<MigPlace> best;
  std::pair<std::ptrdiff_t, std::size_t> best_score = {-1, 0};
  for (std::vector<MigPlace>& way : ways(wanted)) {
    const auto kept = std::ranges::count_if(
        existing, [&](const MigPlace& place) { return std::ranges::binary_search(way, place); });
    if (kept < best_score.first) continue;
    const std::pair<std::ptrdiff_t, std::size_t> score = {kept, additions(way).size()};
    if (score <= best_score) continue;
    best_score = score;
    best = std::move(way);
  }
  return best;
}

}  // namespace gpupass
