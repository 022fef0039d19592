// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/check/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <set>

#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The devices of a definition, and those that libvirt binds itself when the guest starts.
struct Claimed {
  explicit Claimed(pugi::xml_node domain) : all(claimed_functions(domain)) {
    for (const pugi::xml_node device : domain.child("devices").children())
      if (const auto claimed = claimed_device(device); claimed && claimed->function())
        if (std::string_view(device.attribute("managed").value()) == "yes")
          managed.insert(*claimed->function());
  }
  std::vector<PciAddress> all;
  std::set<PciAddress> managed;
};

/// A group that is still with the host as a whole is not split: `bind` is yet to come. libvirt itself binds
/// managed devices.
void check_whole(const Host& host, const IommuGroup& group, const Claimed& claimed,
                 std::vector<Finding>& findings) {
  auto others = with_host(host, group.members);
  std::erase_if(others, [&](const PciFunction* other) { return claimed.managed.contains(other->address); });
  bool given = false;
  PciAddress named;
  for (const PciAddress address : group.members) {
    const PciFunction* member = find_function(host, address);
    if (!member || is_bridge(*member)) continue;
    if (std::ranges::binary_search(claimed.all, address) && (named == PciAddress() || is_gpu(*member)))
      named = address;
    given |= on_vfio(*member) || claimed.managed.contains(address);
  }
  if (!given || others.empty()) return;
  findings.push_back(
      {"domain.group-split", Verdict::Fail, named.to_string(),
       fmt::format("IOMMU group {} is not viable: VFIO gives no member to a guest while drivers of the "
                   "host have others: {}",
                   group.id, devices_text(others)),
       "gpupass bind " + named.to_string()});
}

void check_others(const Host& host, const std::string& guest, const std::vector<std::uint32_t>& groups,
                  std::vector<Finding>& findings) {
  if (!host.domains) return;
  for (const Domain& other : *host.domains) {
    if (other.name == guest) continue;
    std::vector<PciAddress> devices;
    for (const auto* named : {&other.persistent_devices, &other.live_devices})
      for (const DeviceId device : *named)
        if (const auto function = device.function()) devices.push_back(*function);
    for (const std::uint32_t group : groups_of(host, devices))
      if (std::ranges::binary_search(groups, group))
        findings.push_back(
            {"domain.group-shared", Verdict::Warn, guest,
             fmt::format("guest {} has devices of IOMMU group {} too: the two guests cannot run "
                         "at the same time",
                         other.name, group),
             "give one of them other devices, or run one at a time"});
  }
}

}  // namespace

void check_groups_of_guest(const Host& host, const std::string& xml, std::vector<Finding>& findings) {
  const pugi::xml_document document = parse_domain(xml);
  const pugi::xml_node domain = document.child("domain");
  const Claimed claimed(domain);
  const std::vector<std::uint32_t> groups = groups_of(host, claimed.all);
  for (const std::uint32_t id : groups)
    if (const IommuGroup* group = find_group(host, id)) check_whole(host, *group, claimed, findings);
  check_others(host, domain.child_value("name"), groups, findings);
}

}  // namespace gpupass
