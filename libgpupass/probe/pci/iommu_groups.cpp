// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/iommu_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr const char* kGroupsPath = "/sys/kernel/iommu_groups";

std::optional<std::uint32_t> parse_group(std::string_view text) {
  return parse_number<std::uint32_t>(text);
}

const Form<std::uint32_t> kGroup{parse_group, "a group's number"};

/// Rows of "0x00000000fee00000 0x00000000feefffff msi".
std::optional<std::vector<std::string>> parse_regions(std::string_view text) {
  std::vector<std::string> regions;
  for (const std::string_view line : lines_of(text)) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.size() != 3 || !parse_number<std::uint64_t>(words[0], 16) ||
        !parse_number<std::uint64_t>(words[1], 16) || !kWord.parse(words[2]))
      return std::nullopt;
    regions.emplace_back(line);
  }
  return regions;
}

const Form<std::vector<std::string>> kRegions{parse_regions, "rows of start, end and type"};

/// The PCI functions among the names of a group's devices. A system on a chip has others in its groups.
std::vector<PciAddress> members_among(const std::vector<std::string>& names, const Folder& folder) {
  std::vector<PciAddress> members;
  for (const std::string& name : names) {
    if (const auto address = PciAddress::parse(name))
      members.push_back(*address);
    else
      folder.limit("members", "not all are PCI functions");
  }
  std::ranges::sort(members);
  return members;
}

}  // namespace

void IommuGroups::read_group_of(const Folder& folder, PciFunction& function) {
  function.iommu_group = folder.link("iommu_group", kGroup);
  if (!function.iommu_group) return;
  const std::uint32_t id = *function.iommu_group;
  const Fact<IommuGroup>& group = find(id);
  if (group) return;
  const std::string why = group.unknown() ? "cannot be read" : "does not exist";
  folder.limit("iommu_group", "leads to a group that " + why);
  function.iommu_group = Unknown{
      fmt::format("{}: leads to {}/{}, which {}", folder.path_of("iommu_group"), kGroupsPath, id, why)};
}

void IommuGroups::read_all() {
  const auto names = system_.list(kGroupsPath);
  if (names.unknown())
    limits_.add("IOMMU groups", fmt::format("{}: {}", kGroupsPath, reason_of(names, kGroupsPath)));
  for (const std::string& name : names.value_or({})) {
    if (const auto id = parse_group(name))
      find(*id);
    else
      limits_.add("IOMMU groups",
                  fmt::format("{}: saw {}, expected a group's number", kGroupsPath, shown(name)));
  }
}

void IommuGroups::read_details() {
  for (auto& [id, group] : groups_) {
    if (!group) continue;
    const Folder folder = folder_of(id);
    group->type = folder.expect("type", kWord);
    group->reserved_regions = folder.expect("reserved_regions", kRegions).value_or({});
  }
}

Fact<std::vector<IommuGroup>> IommuGroups::groups() const {
  std::vector<IommuGroup> groups;
  for (const auto& [id, group] : groups_)
    if (group) groups.push_back(*group);
  if (!groups.empty()) return groups;
  const auto names = system_.list(kGroupsPath);
  if (names && !names->empty()) return groups;
  const std::string why = names ? "is empty" : reason_of(names, kGroupsPath);
  limits_.add("IOMMU groups", fmt::format("{}: {}", kGroupsPath, why));
  if (names) return groups;
  return names.without_value<std::vector<IommuGroup>>();
}

const Fact<IommuGroup>& IommuGroups::find(std::uint32_t id) {
  const auto [place, fresh] = groups_.try_emplace(id);
  Fact<IommuGroup>& group = place->second;
  if (!fresh) return group;
  const Folder folder = folder_of(id);
  const auto names = folder.list("devices");
  group = names.without_value<IommuGroup>();
  if (names) group = IommuGroup{id, members_among(*names, folder), {}, {}};
  return group;
}

Folder IommuGroups::folder_of(std::uint32_t id) const {
  return Folder(system_, limits_, fmt::format("{}/{}", kGroupsPath, id), fmt::format("IOMMU group {}", id));
}

}  // namespace gpupass
