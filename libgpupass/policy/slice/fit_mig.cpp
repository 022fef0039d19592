// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gpupass/policy.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/mig_board.hpp"
#include "values/card.hpp"
#include "values/model.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Places = std::vector<MigPlace>;

/// What is in the way of a wish.
Finding mig_finding(const MigWish& wish, std::string message, std::string remedy) {
  if (!wish.wanted_by.empty()) message = fmt::format("{}: {}", wish.wanted_by, message);
  return {"slice.mig", Verdict::Fail, wish.gpu.to_string(), std::move(message), std::move(remedy)};
}

/// "2 x 3g.71gb, 1g.18gb".
std::string counts_text(const MigCard& card, const MigCounts& counts) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < counts.size(); ++at)
    if (counts[at] > 0)
      parts.push_back(fmt::format("{}{}", counts[at] > 1 ? fmt::format("{} x ", counts[at]) : "",
                                  card.profiles[at].name));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string profiles_text(const MigCard& card) {
  return counts_text(card, MigCounts(card.profiles.size(), 1));
}

unsigned total(const MigCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0U);
}

bool is_within(const MigCounts& counts, const MigCounts& limit) {
  return std::ranges::equal(counts, limit, std::ranges::less_equal());
}

MigCounts difference(const MigCounts& more, const MigCounts& less) {
  MigCounts result;
  std::ranges::transform(more, less, std::back_inserter(result), std::minus());
  return result;
}

/// One card with one wish for it.
class Fitting {
 public:
  Fitting(const MigCard& card, const MigWish& wish) : board_(card), wish_(wish) {}

  /// nullopt: it does not fit, and finding() says why.
  std::optional<MigFit> fit();
  const Finding& finding() const { return finding_; }

 private:
  const MigCard& card() const { return board_.card(); }
  bool refuse(std::string message, std::string remedy) {
    finding_ = mig_finding(wish_, std::move(message), std::move(remedy));
    return false;
  }
  bool read_wanted();
  bool read_existing();
  bool find_places();
  void refuse_too_many();
  MigInstance instance_at(const MigPlace& place) const {
    const MigProfile& profile = card().profiles[place.profile];
    return {std::string(profile.name), profile.id, place.start, profile.size};
  }
  std::vector<MigRoom> room();

  MigBoard board_;
  const MigWish& wish_;
  MigCounts wanted_ = {};
  Places existing_ = {};
  Places places_ = {};
  Finding finding_ = {};
};

bool Fitting::read_wanted() {
  wanted_.assign(card().profiles.size(), 0);
  for (const std::string& name : wish_.profiles) {
    const std::size_t profile = profile_named(card(), name);
    if (profile < wanted_.size()) {
      ++wanted_[profile];
      continue;
    }
    const std::size_t part = name.find("c.");
    if (part != name.npos && profile_named(card(), std::string_view(name).substr(part + 2)) < wanted_.size())
      return refuse(fmt::format("{} is a part of a GPU instance, and gpupass places whole ones", name),
                    "name the instance: " + name.substr(part + 2));
    return refuse(fmt::format("{} has no profile {}", card().name, name),
                  fmt::format("{} has {}", card().name, profiles_text(card())));
  }
  return true;
}

bool Fitting::read_existing() {
  for (const MigInstance& instance : wish_.existing) {
    const std::size_t profile = profile_named(card(), instance.profile);
    existing_.push_back({profile, instance.start});
    if (profile < wanted_.size() && board_.is_legal(existing_)) continue;
    return refuse(fmt::format("{} cannot have {} at {} beside the other instances that it is said to have",
                              card().name, instance.profile, instance.start),
                  "nvidia-smi mig -lgi lists the instances that there are, with their placement");
  }
  return true;
}

/// The largest parts of the wish that fit, by what they leave out.
void Fitting::refuse_too_many() {
  constexpr std::size_t kMost = 3;
  unsigned most = 0;
  std::vector<std::string> too_much;
  for (const MigCounts& counts : board_.additions({})) {
    if (!is_within(counts, wanted_) || total(counts) < most) continue;
    if (total(counts) > most) too_much.clear();
    most = total(counts);
    too_much.push_back(counts_text(card(), difference(wanted_, counts)));
  }
  too_much.resize(std::min(too_much.size(), kMost));
  refuse(fmt::format("{} has no place for all of {}", card().name, counts_text(card(), wanted_)),
         fmt::format("all the others fit without {}", fmt::join(too_much, ", or without ")));
}

bool Fitting::find_places() {
  places_ = board_.best_way(wanted_, existing_);
  if (!places_.empty() || total(wanted_) == 0) return true;
  refuse_too_many();
  return false;
}

/// How many more there can be of a profile, in any of these sets that holds what there is already.
unsigned most_more(const std::vector<MigCounts>& sets, const MigCounts& already, std::size_t profile) {
  unsigned most = 0;
  for (const MigCounts& counts : sets)
    if (is_within(already, counts)) most = std::max(most, counts[profile] - already[profile]);
  return most;
}

std::vector<MigRoom> Fitting::room() {
  const std::vector<MigCounts> beside = board_.additions(places_);
  const std::vector<MigCounts>& all = board_.additions({});
  std::vector<MigRoom> room;
  for (std::size_t at = 0; at < wanted_.size(); ++at) {
    const SliceCapacity more = {most_more(beside, MigCounts(wanted_.size()), at),
                                most_more(all, wanted_, at)};
    room.push_back({std::string(card().profiles[at].name), card().profiles[at].id, more});
  }
  return room;
}

std::optional<MigFit> Fitting::fit() {
  if (!read_wanted() || !read_existing() || !find_places()) return std::nullopt;
  MigFit fit;
  fit.gpu = wish_.gpu;
  fit.card = card().name;
  fit.enabled = wish_.enabled;
  for (const MigPlace& place : places_)
    (std::ranges::find(existing_, place) != existing_.end() ? fit.kept : fit.created)
        .push_back(instance_at(place));
  for (const MigPlace& place : existing_)
    if (!std::ranges::binary_search(places_, place)) fit.removed.push_back(instance_at(place));
  for (auto* instances : {&fit.kept, &fit.removed, &fit.created})
    std::ranges::sort(*instances, {}, &MigInstance::start);
  if (fit.enabled) fit.room = room();
  return fit;
}

}  // namespace

std::vector<PciAddress> mig_gpus(const Host& host) {
  std::vector<PciAddress> gpus;
  for (const PciFunction& function : host.functions)
    if (find_mig_card(function)) gpus.push_back(function.address);
  return gpus;
}

std::vector<MigFit> fit_mig(const Host& host, const std::vector<MigWish>& wishes) {
  std::vector<MigFit> fits;
  std::vector<Finding> findings;
  std::string subjects;
  for (const MigWish& wish : wishes) {
    append_once(subjects, wish.gpu.to_string(), ", ");
    const PciFunction& function = function_at(host, wish.gpu);
    const MigCard* card = find_mig_card(function);
    if (!card) {
      findings.push_back(mig_finding(wish, fmt::format("no MIG profiles of {} are known", ids_of(function)),
                                     "nvidia-smi mig -lgip lists those that the driver knows"));
      continue;
    }
    Fitting fitting(*card, wish);
    if (auto fit = fitting.fit())
      fits.push_back(*std::move(fit));
    else
      findings.push_back(fitting.finding());
  }
  if (!findings.empty()) refuse("place MIG instances on", subjects, findings);
  return fits;
}

}  // namespace gpupass
