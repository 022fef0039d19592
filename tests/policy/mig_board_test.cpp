// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mig_board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <set>

namespace gpupass::mig_board_test {
namespace {

using testing::ElementsAre;

using Way = std::vector<MigPlace>;

const MigCard& card(std::string_view name) {
  return *std::ranges::find(mig_cards(), name, &MigCard::name);
}

/// A card with only some of its profiles, by their ids.
MigCard with_only(MigCard card, const std::set<unsigned>& ids) {
  std::erase_if(card.profiles, [&](const MigProfile& profile) { return !ids.contains(profile.id); });
  return card;
}

MigCard plain_seven() {
  return with_only(card("H200"), {0, 5, 9, 14, 19});
}

bool is_within(const MigCounts& counts, const MigCounts& limit) {
  return std::ranges::equal(counts, limit, std::ranges::less_equal());
}

/// Every legal set of places, found without the board: by its definition.
std::vector<Way> all_ways(const MigCard& card) {
  Way all;
  for (std::size_t at = 0; at < card.profiles.size(); ++at)
    for (const unsigned start : card.profiles[at].starts) all.push_back({at, start});
  const auto are_apart = [&](const MigPlace& one, const MigPlace& other) {
    const MigProfile &a = card.profiles[one.profile], &b = card.profiles[other.profile];
    const bool apart = one.start + a.size <= other.start || other.start + b.size <= one.start;
    return apart && !(a.with_media && b.with_media);
  };
  std::vector<Way> ways = {{}};
  for (const MigPlace& place : all) {
    const std::size_t count = ways.size();
    for (std::size_t at = 0; at < count; ++at) {
      Way way = ways[at];
      if (!std::ranges::all_of(way, [&](const MigPlace& other) { return are_apart(place, other); })) continue;
      way.push_back(place);
      ways.push_back(std::move(way));
    }
  }
  return ways;
}

/// How many legal sets of places and of profiles a card has, and how many of them have no room for more.
struct Numbers {
  std::size_t ways, sets, full_ways, full_sets;
};
bool operator==(const Numbers& one, const Numbers& other) {
  return std::tie(one.ways, one.sets, one.full_ways, one.full_sets) ==
         std::tie(other.ways, other.sets, other.full_ways, other.full_sets);
}
void PrintTo(const Numbers& numbers, std::ostream* out) {
  *out << numbers.ways << " ways, " << numbers.sets << " sets, full " << numbers.full_ways << " and "
       << numbers.full_sets;
}

Numbers numbers_of(const MigCard& card) {
  MigBoard board(card);
  std::set<MigCounts> sets, full_sets;
  Numbers numbers{};
  for (const Way& way : all_ways(card)) {
    EXPECT_TRUE(board.is_legal(way));
    ++numbers.ways;
    sets.insert(board.counts(way));
    if (board.additions(way).size() > 1) continue;
    ++numbers.full_ways;
    full_sets.insert(board.counts(way));
  }
  numbers.sets = sets.size();
  numbers.full_sets = full_sets.size();
  // The board finds the same sets from nothing, and for each the same ways.
  EXPECT_TRUE(std::ranges::equal(board.additions({}), sets));
  std::size_t ways = 0;
  for (const MigCounts& counts : sets) ways += board.ways(counts).size();
  EXPECT_EQ(ways, numbers.ways);
  return numbers;
}

/// The 19 are the configurations that NVIDIA's guide draws for an A100.
TEST(MigBoard, CountsWhatTheTablesAllow) {
  EXPECT_EQ(numbers_of(plain_seven()), (Numbers{298, 38, 19, 14}));
  EXPECT_EQ(numbers_of(card("H200")), (Numbers{2319, 128, 239, 64}));
  EXPECT_EQ(numbers_of(with_only(card("A30"), {0, 5, 14})), (Numbers{26, 10, 5, 4}));
  EXPECT_EQ(numbers_of(with_only(card("RTX PRO 6000"), {0, 5, 14})), (Numbers{26, 10, 5, 4}));
  EXPECT_EQ(numbers_of(card("RTX PRO 6000")), (Numbers{1009, 150, 458, 88}));
}

/// The sets that fill a card of seven slices, as NVIDIA's guide has them: 7g, 4g, 3g, 2g, 1g.
TEST(MigBoard, KnowsTheFullSets) {
  const MigCard seven = plain_seven();
  MigBoard board(seven);
  std::set<MigCounts> full;
  for (const Way& way : all_ways(seven))
    if (board.additions(way).size() == 1) full.insert(board.counts(way));
  EXPECT_THAT(full, ElementsAre(MigCounts{0, 0, 0, 0, 7}, MigCounts{0, 0, 0, 1, 5}, MigCounts{0, 0, 0, 2, 3},
                                MigCounts{0, 0, 0, 3, 1}, MigCounts{0, 0, 1, 0, 3}, MigCounts{0, 0, 1, 0, 4},
                                MigCounts{0, 0, 1, 1, 1}, MigCounts{0, 0, 1, 1, 2}, MigCounts{0, 0, 1, 2, 0},
                                MigCounts{0, 0, 2, 0, 0}, MigCounts{0, 1, 0, 0, 3}, MigCounts{0, 1, 0, 1, 1},
                                MigCounts{0, 1, 1, 0, 0}, MigCounts{1, 0, 0, 0, 0}));
}

/// Nothing but the places and the media engines bounds how many there can be, and the compute slices suffice.
TEST(MigCards, EachTableAgreesWithItself) {
  std::set<std::uint16_t> devices;
  for (const MigCard& card : mig_cards()) {
    SCOPED_TRACE(card.name);
    for (const std::uint16_t device : card.devices) EXPECT_TRUE(devices.insert(device).second);
    std::set<unsigned> ids;
    std::set<std::string_view> names;
    MigBoard board(card);
    for (std::size_t at = 0; at < card.profiles.size(); ++at) {
      const MigProfile& profile = card.profiles[at];
      EXPECT_TRUE(ids.insert(profile.id).second) << profile.name;
      EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
      EXPECT_EQ(profile_named(card, profile.name), at);
      EXPECT_LE(profile.starts.back() + profile.size, card.units) << profile.name;
      unsigned most = 0;
      for (const MigCounts& counts : board.additions({})) {
        most = std::max(most, counts[at]);
        unsigned slices = 0;
        for (std::size_t each = 0; each < counts.size(); ++each)
          slices += counts[each] * card.profiles[each].compute_slices;
        EXPECT_LE(slices, card.compute_slices);
      }
      EXPECT_EQ(most, profile.most) << profile.name;
    }
    for (const auto& [other, name] : card.other_names) {
      EXPECT_TRUE(names.contains(name)) << other;
      EXPECT_FALSE(names.contains(other)) << other;
    }
  }
  EXPECT_EQ(mig_cards().size(), 13u);
  EXPECT_EQ(profile_named(card("H200"), "3g.40gb"), card("H200").profiles.size());
}

/// The same digits are another shape on another card.
TEST(MigCards, ANameMeansWhatItsCardSays) {
  const auto most = [](std::string_view name, std::string_view profile) {
    return card(name).profiles.at(profile_named(card(name), profile)).most;
  };
  EXPECT_EQ(most("H200", "1g.35gb"), 4u);
  EXPECT_EQ(most("GB300", "1g.35gb"), 7u);
  EXPECT_EQ(most("GB200", "7g.189gb"), 1u);
  EXPECT_EQ(most("A100 40GB", "1g.10gb"), 4u);
  EXPECT_EQ(most("A100 80GB", "1g.10gb"), 7u);
}

/// Whether fewer instances of a profile than there are may be wanted.
enum class Wanted { Anything, NothingLess };

/// From every legal state: whatever holds its instances, and can be placed around them, is placed around
/// them; what cannot keeps as many as any way could. What the tables forbid is not placed.
void expect_every_plan(const MigCard& card, Wanted kind) {
  MigBoard board(card);
  const std::vector<Way> states = all_ways(card);
  std::map<MigCounts, std::vector<Way>> ways;
  for (const Way& way : states) ways[board.counts(way)].push_back(way);
  std::size_t around = 0, anew = 0, wrong = 0;
  for (const Way& state : states)
    for (const auto& [wanted, possible] : ways) {
      if (kind == Wanted::NothingLess && !is_within(board.counts(state), wanted)) continue;
      std::ptrdiff_t most_kept = 0;
      const auto kept_by = [&](const Way& way) {
        return std::ranges::count_if(
            state, [&](const MigPlace& place) { return std::ranges::find(way, place) != way.end(); });
      };
      for (const Way& way : possible) most_kept = std::max(most_kept, kept_by(way));
      const Way best = board.best_way(wanted, state);
      if (!board.is_legal(best) || board.counts(best) != wanted || kept_by(best) != most_kept) ++wrong;
      ++(most_kept == std::ssize(state) ? around : anew);
    }
  EXPECT_EQ(wrong, 0u);
  std::size_t forbidden = 0;
  MigCounts wanted(card.profiles.size());
  const std::function<void(std::size_t)> each = [&](std::size_t at) {
    if (at == wanted.size()) {
      if (ways.contains(wanted)) return;
      ++forbidden;
      EXPECT_TRUE(board.best_way(wanted, {}).empty());
      return;
    }
    for (wanted[at] = 0; wanted[at] <= std::min(card.profiles[at].most, 2U) + 1; ++wanted[at]) each(at + 1);
    wanted[at] = 0;
  };
  each(0);
  std::cout << card.name << " with " << card.profiles.size() << " profiles: " << around
            << " plans around what is there, " << anew << " that move something, " << forbidden
            << " refused\n";
}

TEST(MigBoard, PlansWhateverCanBe) {
  expect_every_plan(plain_seven(), Wanted::Anything);
  expect_every_plan(card("H200"), Wanted::NothingLess);  // Anything takes a minute with sanitizers.
  expect_every_plan(card("A30"), Wanted::Anything);
  expect_every_plan(with_only(card("RTX PRO 6000"), {0, 5, 14, 21, 64, 65}), Wanted::Anything);
}

/// 3 x 1g and 3g can be placed so that nothing goes beside them, and so that 1g does.
TEST(MigBoard, EndsInNoFullWayThatItCanAvoid) {
  for (const MigCard& card : mig_cards()) {
    SCOPED_TRACE(card.name);
    MigBoard board(card);
    const std::vector<MigCounts> sets = board.additions({});
    for (const MigCounts& wanted : sets) {
      const bool has_more = std::ranges::any_of(
          sets, [&](const MigCounts& other) { return other != wanted && is_within(wanted, other); });
      const Way best = board.best_way(wanted, {});
      EXPECT_EQ(board.additions(best).size() > 1, has_more);
    }
  }
  const MigCard seven = plain_seven();
  MigBoard board(seven);
  EXPECT_EQ(board.best_way({0, 0, 1, 0, 3}, {}).front(), (MigPlace{2, 4}));
}

}  // namespace
}  // namespace gpupass::mig_board_test
