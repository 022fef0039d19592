// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/group.hpp"

#include <fmt/format.h>

#include "render/json/json.hpp"
#include "render/text/words.hpp"

namespace gpupass {

std::string isolation_words(const Isolation& isolation) {
  std::string text = fmt::format("kernel {}, ACS {}", word(isolation.kernel), word(isolation.acs));
  if (!isolation.merged_by.empty()) text += fmt::format(" (merged by {})", joined(isolation.merged_by));
  if (!isolation.why.empty()) text += fmt::format(" ({})", printable(isolation.why));
  return text;
}

Table group_members(const Host& host, const IommuGroup& group, const NameLookup& names) {
  Table table;
  for (const PciAddress address : group.members) {
    const PciFunction* member = find_function(host, address);
    if (!member) {
      table.add({address.to_string(), "?"});
      continue;
    }
    const auto kind = member->class_code ? class_word(*member->class_code) : "?";
    table.add({address.to_string(), std::string(word(role_of(host, group, *member))), std::string(kind),
               text_of(member->driver), name_of(*member, names)});
  }
  return table;
}

std::string render_groups(const Host& host, const NameLookup& names) {
  if (host.groups.empty()) return "no IOMMU group\n";
  std::string text;
  for (const IommuGroup& group : host.groups) {
    text += fmt::format("group {}  isolated: {}\n", group.id, isolation_words(isolation_of(host, group)));
    text += group_members(host, group, names).to_string(2);
  }
  return text;
}

std::string render_groups_json(const Host& host) {
  Json json = document(host);
  Json groups = Json::array();
  for (const IommuGroup& group : host.groups) {
    const Isolation isolation = isolation_of(host, group);
    groups.push_back({{"id", group.id},
                      {"isolation", json_of(isolation)},
                      {"merged_by", json_of(isolation.merged_by)},
                      {"reachable", json_of(isolation.peers)},
                      {"devices", members_of(host, group)}});
  }
  json["groups"] = std::move(groups);
  return dumped(json);
}

}  // namespace gpupass
