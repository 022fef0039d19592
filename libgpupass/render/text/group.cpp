// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/group.hpp"

#include <fmt/format.h>

#include "render/json/json.hpp"
#include "render/text/names.hpp"
#include "render/text/words.hpp"

namespace gpupass {

std::string isolation_words(const Isolation& isolation) {
  std::string text = fmt::format("kernel {}, ACS {}", to_string(isolation.kernel), to_string(isolation.acs));
  if (!isolation.merged_by.empty()) text += fmt::format(" (merged by {})", joined(isolation.merged_by));
  if (!isolation.why.empty()) text += fmt::format(" ({})", printable(isolation.why));
  return text;
}

Table group_members(const Host& host, const std::vector<GroupMember>& members, const NameLookup& names) {
  Table table;
  for (const GroupMember& one : members) {
    const PciFunction* member = find_function(host, one.address);
    if (!member) {
      table.add({short_address(host, one.address), "?"});
      continue;
    }
    const auto kind = member->class_code ? class_word(*member->class_code) : "?";
    table.add({short_address(host, one.address), to_string(one.role), kind, text_of(member->driver),
               name_of(*member, names)});
  }
  table.may_narrow(4, 14);
  return table;
}

std::string render_groups(const Host& host, const std::vector<GroupAssessment>& groups,
                          const NameLookup& names, const View& view) {
  if (host.groups.unknown())
    return fmt::format("the IOMMU groups are not known: {}\n", printable(host.groups.why()));
  if (groups.empty()) return "no IOMMU group\n";
  std::string text;
  for (const GroupAssessment& group : groups) {
    const std::string title =
        fmt::format("group {}  isolated: {}", group.id, isolation_words(group.isolation));
    text += wrapped(title, view, 4) + '\n' + group_members(host, group.members, names).to_string(view, 2);
  }
  return text;
}

std::string render_groups_json(const Host& host, const std::vector<GroupAssessment>& groups) {
  Json json = document(host);
  Json entries = Json::array();
  for (const GroupAssessment& group : groups)
    entries.push_back({{"id", group.id},
                       {"isolation", json_of(group.isolation)},
                       {"merged_by", json_of(group.isolation.merged_by)},
                       {"reachable", json_of(group.isolation.peers)},
                       {"devices", json_of(host, group.members)}});
  json["groups"] = std::move(entries);
  return dumped(json);
}

}  // namespace gpupass
