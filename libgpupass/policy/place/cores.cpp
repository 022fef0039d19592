// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/cores.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace gpupass {

namespace {

/// The cores of one kind below each cache; caches without any are left out.
std::vector<Cores> of_kind(const FreeNode& node, CoreKind kind) {
  std::vector<Cores> caches;
  for (const Cores& cache : node.caches) {
    Cores same;
    std::ranges::copy_if(cache, std::back_inserter(same),
                         [&](const Core& core) { return core.cpus.size() == kind; });
    if (!same.empty()) caches.push_back(std::move(same));
  }
  return caches;
}

std::size_t cores_in(const std::vector<Cores>& caches) {
  std::size_t count = 0;
  for (const Cores& cache : caches) count += cache.size();
  return count;
}

/// The fewest caches that hold so many cores together.
std::size_t caches_needed(const std::vector<Cores>& caches, std::size_t cores) {
  std::vector<std::size_t> sizes;
  std::ranges::transform(caches, std::back_inserter(sizes), &Cores::size);
  std::ranges::sort(sizes, std::greater<>());
  std::size_t needed = 0;
  for (std::size_t held = 0; held < cores; ++needed) held += sizes[needed];
  return needed;
}

/// For each first cache, number of caches and sum: whether so many of the caches from there on have this many
/// cores.
class Sums {
 public:
  Sums(const std::vector<Cores>& caches, std::size_t most)
      : caches_(caches), most_(most), sums_(cores_in(caches) + 1) {
    reachable_.assign((caches.size() + 1) * (most + 1) * sums_, false);
    at(caches.size(), 0, 0) = true;
    for (std::size_t first = caches.size(); first-- > 0;)
      for (std::size_t count = 0; count <= most; ++count)
        for (std::size_t sum = 0; sum < sums_; ++sum) at(first, count, sum) = with(first, count, sum);
  }
  bool holds(std::size_t first, std::size_t count, std::size_t sum) const {
    return reachable_[(first * (most_ + 1) + count) * sums_ + sum];
  }

 private:
  std::vector<bool>::reference at(std::size_t first, std::size_t count, std::size_t sum) {
    return reachable_[(first * (most_ + 1) + count) * sums_ + sum];
  }
  bool with(std::size_t first, std::size_t count, std::size_t sum) const {
    const std::size_t size = caches_[first].size();
    return holds(first + 1, count, sum) ||
           (count > 0 && sum >= size && holds(first + 1, count - 1, sum - size));
  }

  const std::vector<Cores>& caches_;
  std::size_t most_;
  std::size_t sums_;
  std::vector<bool> reachable_;
};

/// The caches, `count` of them, that hold the cores and leave least over; among equals the lowest.
std::vector<Cores> tightest(const std::vector<Cores>& caches, std::size_t count, std::size_t cores) {
  const Sums sums(caches, count);
  std::size_t sum = cores;
  while (!sums.holds(0, count, sum)) ++sum;
  std::vector<Cores> chosen;
  for (std::size_t at = 0; chosen.size() < count; ++at) {
    const std::size_t size = caches[at].size(), missing = count - chosen.size();
    if (sum < size || !sums.holds(at + 1, missing - 1, sum - size)) continue;
    chosen.push_back(caches[at]);
    sum -= size;
  }
  return chosen;
}

/// The caches that are touched for so many cores.
std::vector<Cores> choose_caches(const FreeNode& node, const std::vector<Cores>& caches, std::size_t cores) {
  const std::size_t count = caches_needed(caches, cores);
  if (count == 1) {
    const auto bytes = [&](const Cores& cache) {
      return bytes_of_cache(node.last_level, cache.front().cpus.front());
    };
    const auto slow = [&](const Cores& cache) { return cache.front().cpus.intersects(node.efficient); };
    const auto tighter = [&](const Cores& one, const Cores& other) {
      if ((one.size() >= cores) != (other.size() >= cores)) return one.size() >= cores;
      if (slow(one) != slow(other)) return slow(other);
      if (bytes(one) != bytes(other)) return bytes(one) > bytes(other);
      return one.size() < other.size();
    };
    return {*std::ranges::min_element(caches, tighter)};
  }
  const bool alike =
      std::ranges::all_of(caches, [&](const Cores& cache) { return cache.size() == caches.front().size(); });
  // No real machine comes near this; it limits the work for an invented one.
  constexpr std::size_t kMostWork = std::size_t{1} << 22;
  if (alike || caches.size() * count * cores_in(caches) > kMostWork) {
    std::vector<Cores> chosen = caches;
    std::ranges::stable_sort(chosen, std::greater<>(), &Cores::size);
    chosen.resize(count);
    return chosen;
  }
  return tightest(caches, count, cores);
}

CoreChoice lowest_of(const std::vector<Cores>& caches, std::size_t count) {
  CoreChoice choice;
  for (const Cores& cache : caches) choice.cores.insert(choice.cores.end(), cache.begin(), cache.end());
  std::ranges::sort(choice.cores, {}, [](const Core& core) { return core.cpus.front(); });
  choice.cost.caches = static_cast<unsigned>(caches.size());
  choice.cost.left = choice.cores.size() - count;
  choice.cores.resize(count);
  return choice;
}

/// Where one kind does not suffice: the cores with most threads, wherever they are.
std::optional<CoreChoice> of_any_kind(const FreeNode& node, unsigned vcpus) {
  if (threads_of(node, kAnyKind) < vcpus) return std::nullopt;
  Cores all;
  for (const Cores& cache : node.caches) all.insert(all.end(), cache.begin(), cache.end());
  std::ranges::sort(all, {}, [](const Core& core) {
    return std::pair(-static_cast<int>(core.cpus.size()), core.cpus.front());
  });
  std::size_t threads = 0, count = 0;
  while (threads < vcpus) threads += all[count++].cpus.size();
  std::vector<Cores> touched;
  for (const Cores& cache : node.caches) {
    Cores taken;
    std::copy_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(taken),
                 [&](const Core& core) { return std::ranges::find(cache, core) != cache.end(); });
    if (!taken.empty()) touched.push_back(std::move(taken));
  }
  CoreChoice choice = lowest_of(touched, count);
  choice.cost.partial = threads > vcpus ? 1 : 0;
  return choice;
}

std::optional<CoreChoice> choose_of(const FreeNode& node, CoreKind kind, unsigned vcpus) {
  if (kind == kAnyKind) return of_any_kind(node, vcpus);
  const std::vector<Cores> caches = of_kind(node, kind);
  const std::size_t count = (vcpus + kind - 1) / kind;
  if (cores_in(caches) < count) return std::nullopt;
  CoreChoice choice = lowest_of(choose_caches(node, caches, count), count);
  choice.cost.partial = vcpus % kind != 0 ? 1 : 0;
  return choice;
}

/// The node with nothing but the cores that wait for guests.
FreeNode set_aside_of(const FreeNode& node) {
  FreeNode part = node;
  for (Cores& cache : part.caches)
    std::erase_if(cache, [&](const Core& core) { return !node.set_aside.contains(core.cpus); });
  std::erase_if(part.caches, [](const Cores& cache) { return cache.empty(); });
  return part;
}

}  // namespace

CoreCost operator+(const CoreCost& one, const CoreCost& other) {
  return {one.caches + other.caches, one.partial + other.partial, one.left + other.left};
}

std::vector<CoreKind> core_kinds(const FreeResources& resources) {
  std::set<CoreKind, std::greater<>> kinds;
  for (const FreeNode& node : resources.nodes)
    for (const Cores& cache : node.caches)
      for (const Core& core : cache) kinds.insert(core.cpus.size());
  return {kinds.begin(), kinds.end()};
}

std::optional<CoreChoice> choose_cores(const FreeNode& node, CoreKind kind, unsigned vcpus) {
  if (!node.set_aside.empty())
    if (auto choice = choose_of(set_aside_of(node), kind, vcpus)) return choice;
  return choose_of(node, kind, vcpus);
}

std::size_t threads_of(const FreeNode& node, CoreKind kind) {
  std::size_t threads = 0;
  for (const Cores& cache : node.caches)
    for (const Core& core : cache)
      if (kind == kAnyKind || core.cpus.size() == kind) threads += core.cpus.size();
  return threads;
}

}  // namespace gpupass
