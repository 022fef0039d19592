// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/closure.hpp"

#include <algorithm>
#include <set>

#include "values/card.hpp"
#include "values/sort_unique.hpp"

namespace gpupass {

namespace {

/// A set of functions that grows while it is walked.
class Closure {
 public:
  explicit Closure(const Host& host) : host_(host) {}

  void add(PciAddress address) {
    const PciFunction* function = find_function(host_, address);
    if (function && !is_bridge(*function) && addresses_.insert(address).second) members_.push_back(function);
  }

  /// Card and group of each member, until nothing new comes.
  std::vector<PciAddress> complete() {
    for (std::size_t next = 0; next < members_.size(); ++next) {
      const PciFunction& member = *members_[next];
      for (const PciAddress mate : card_of(host_, member)) add(mate);
      if (member.iommu_group) add_group(*member.iommu_group);
    }
    return {addresses_.begin(), addresses_.end()};
  }

 private:
  void add_group(std::uint32_t id) {
    const IommuGroup* group = groups_.insert(id).second ? find_group(host_, id) : nullptr;
    if (!group) return;
    for (const PciAddress peer : group->members) add(peer);
  }

  const Host& host_;
  std::vector<const PciFunction*> members_;
  std::set<PciAddress> addresses_;  // Of the members.
  std::set<std::uint32_t> groups_;  // Whose members are in.
};

}  // namespace

std::vector<PciAddress> closure_of(const Host& host, PciAddress gpu) {
  return closure_of(host, std::vector<PciAddress>{gpu});
}

std::vector<PciAddress> closure_of(const Host& host, const std::vector<PciAddress>& gpus) {
  Closure closure(host);
  for (const PciAddress gpu : gpus) closure.add(gpu);
  return closure.complete();
}

bool is_bound(const Host& host, const std::vector<PciAddress>& closure) {
  return !closure.empty() &&
         std::ranges::all_of(closure, [&](PciAddress member) { return on_vfio(function_at(host, member)); });
}

std::vector<const PciFunction*> with_host(const Host& host, const std::vector<PciAddress>& functions) {
  std::vector<const PciFunction*> result;
  for (const PciAddress address : functions)
    if (const PciFunction* function = find_function(host, address);
        function && keeps_group_from_guests(*function))
      result.push_back(function);
  return result;
}

std::vector<std::uint32_t> groups_of(const Host& host, const std::vector<PciAddress>& functions) {
  std::vector<std::uint32_t> groups;
  for (const PciAddress address : functions)
    if (const PciFunction* function = find_function(host, address); function && function->iommu_group)
      groups.push_back(*function->iommu_group);
  sort_unique(groups);
  return groups;
}

}  // namespace gpupass
