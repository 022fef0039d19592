// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/isolation/acs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policy/isolation/acs_override.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

// Source Validation, P2P Request Redirect, P2P Completion Redirect, Upstream Forwarding: what the kernel asks
// for.
constexpr std::uint16_t kIsolating = 0x1d;

/// A port passes peers on when it does not switch on each isolating service that it implements. One that it
/// does not implement counts as given, as the kernel counts: the function has no such traffic then.
Answer switched_on(const Acs& acs) {
  const auto needed = kIsolating & acs.capability;
  return (acs.control & needed) == needed ? Answer::Yes : Answer::No;
}

bool same_root_complex(const PciFunction& one, const PciFunction& other) {
  if (one.root_bus && other.root_bus) return *one.root_bus == *other.root_bus;
  return one.address.domain == other.address.domain && one.address.bus == other.address.bus;
}

/// A PCI bridge whose configuration space shows none: what some captures write in place of the real one.
bool contradicts_class(const PciFunction& function) {
  return function.class_code && is_bridge_class(*function.class_code) && function.config &&
         !function.config->bridge;
}

/// Whether it is known to be of PCI Express, and of which type, or to be conventional PCI.
bool has_type(const PciFunction& function) {
  return function.config && !contradicts_class(function) &&
         (function.config->express || function.config->express.absent());
}

bool is_conventional(const PciFunction& function) {
  return has_type(function) && function.config->express.absent();
}

bool has_type(const PciFunction& function, ExpressType type) {
  return function.config && function.config->express && *function.config->express == type;
}

/// Of a root complex or of a switch.
bool is_port(const PciFunction& function) {
  return has_type(function, ExpressType::RootPort) || has_type(function, ExpressType::UpstreamPort) ||
         has_type(function, ExpressType::DownstreamPort);
}

/// One walk.
class Walk {
 public:
  Walk(const Host& host, const PciTree& tree, const PciFunction& start, AcsFindings& findings)
      : host_(host), tree_(tree), start_(start), findings_(findings) {}

  void run();

 private:
  void beside(const PciFunction& port);
  void below(const PciFunction& port);
  void share(const PciFunction& bridge);
  void across_domains();
  void merge(const PciFunction& by, const std::vector<PciAddress>& peers);
  bool in_our_group(PciAddress peer) const;
  std::vector<const PciFunction*> undivided_mates(const PciFunction& function) const;
  void apart(const PciFunction& port, const std::vector<const PciFunction*>& siblings);
  void apart_in_root_complex(const PciFunction& root_port);
  void unseen(const PciFunction& port);
  std::vector<PciAddress> outside(const PciFunction& top) const;
  void unknown(const std::string& why) {
    if (findings_.why_unknown.empty()) findings_.why_unknown = why;
  }

  const Host& host_;
  const PciTree& tree_;
  const PciFunction& start_;
  AcsFindings& findings_;
};

void Walk::run() {
  if (!has_type(start_))
    unseen(start_);
  else if (is_bridge(start_))
    beside(start_);
  else
    apart(start_, undivided_mates(start_));
  const PciFunction* top = &start_;
  for (const PciFunction* port : path_to_root(host_, start_)) {
    if (!has_type(*port))
      unseen(*port);
    else if (is_port(*port)) {
      below(*port);
      beside(*port);
    } else {
      share(*port);
    }
    top = port;
  }
  across_domains();
  if (!top->parent.absent())
    unknown(fmt::format("the bridge above {} is not known", top->address.to_string()));
  else if (has_type(*top, ExpressType::UpstreamPort) || has_type(*top, ExpressType::DownstreamPort))
    unknown(fmt::format("nothing is above {}, which is a port of a switch", top->address.to_string()));
  else if (is_conventional(*top))
    unknown(fmt::format("{} is conventional PCI, and it is not known what else its bus reaches",
                        top->address.to_string()));
}

/// What may turn around between a port and those beside it, instead of going up to the IOMMU.
void Walk::beside(const PciFunction& port) {
  if (!is_port(port)) return;
  const ExpressType type = *port.config->express;
  if (type != ExpressType::UpstreamPort && redirects_peers(port) == Answer::Unknown) unseen(port);
  if (type != ExpressType::DownstreamPort)
    apart(port, undivided_mates(port));
  else if (port.parent)
    apart(port, tree_.children(*port.parent));
  if (type == ExpressType::RootPort) apart_in_root_complex(port);
}

/// What comes up to a port that does not send it on to the IOMMU may turn around there, to whatever else is
/// below it. So the kernel asks each port up to the root (pci_acs_path_enabled of its drivers/pci/pci.c), an
/// upstream port only if it is one of several functions; where it groups otherwise, it knows better
/// (pci_dev_acs_enabled of its drivers/pci/quirks.c), unless it is told to pretend so.
void Walk::below(const PciFunction& port) {
  if (redirects_peers(port) != Answer::No) return;
  if (has_type(port, ExpressType::UpstreamPort) && !port.config->multifunction) return;
  std::vector<PciAddress> peers = outside(port);
  if (start_.iommu_group && !acs_override(host_))
    std::erase_if(peers, [&](PciAddress peer) { return !in_our_group(peer); });
  merge(port, peers);
}

/// Below a bridge to conventional PCI all functions share one bus and one requester id, so the kernel gives
/// them one group. If they have several groups, or none, a bridge without the PCI Express capability proves
/// nothing: some captures have configuration spaces without any capability.
void Walk::share(const PciFunction& bridge) {
  std::vector<PciAddress> peers = outside(bridge);
  if (is_conventional(bridge) &&
      std::erase_if(peers, [&](PciAddress peer) { return !in_our_group(peer); }) > 0)
    unknown(fmt::format("{} looks like a bridge to conventional PCI, but no IOMMU group confirms that",
                        bridge.address.to_string()));
  merge(bridge, peers);
}

/// A PCI domain behind Intel's VMD is one group with it, as all of it has the VMD's requester id
/// (pci_real_dma_dev of the kernel's arch/x86/pci/common.c).
void Walk::across_domains() {
  const IommuGroup* group = start_.iommu_group ? find_group(host_, *start_.iommu_group) : nullptr;
  if (!group) return;
  for (const PciAddress member : group->members) {
    if (member.domain == start_.address.domain) continue;
    const PciFunction* mate = find_function(host_, member);
    if (mate && !is_bridge(*mate)) findings_.peers.push_back(member);
    findings_.merged_by.push_back(std::min(member, start_.address));
  }
}

/// By this port, or bridge, we and the peers reach each other.
void Walk::merge(const PciFunction& by, const std::vector<PciAddress>& peers) {
  if (peers.empty()) return;
  findings_.peers.insert(findings_.peers.end(), peers.begin(), peers.end());
  findings_.merged_by.push_back(by.address);
}

bool Walk::in_our_group(PciAddress peer) const {
  const PciFunction* function = find_function(host_, peer);
  return start_.iommu_group && function && function->iommu_group == start_.iommu_group;
}

/// Functions of one device without ACS are in one group, unless the kernel knows that the device keeps them
/// apart (pci_dev_acs_enabled of its drivers/pci/quirks.c), or is told to pretend so.
std::vector<const PciFunction*> Walk::undivided_mates(const PciFunction& function) const {
  std::vector<const PciFunction*> mates = slot_mates(host_, function);
  if (acs_override(host_) || redirects_peers(function) != Answer::No) return mates;
  std::erase_if(mates, [&](const PciFunction* mate) {
    return function.iommu_group && mate->iommu_group && function.iommu_group != mate->iommu_group &&
           redirects_peers(*mate) == Answer::No;
  });
  return mates;
}

/// A request turns around inside the device that both ports belong to when the port where it enters lets it:
/// the sibling's for a peer that reaches us, ours for one that we reach.
void Walk::apart(const PciFunction& port, const std::vector<const PciFunction*>& siblings) {
  for (const PciFunction* sibling : siblings) {
    if (sibling->address == port.address) continue;
    const auto peers = outside(*sibling);
    if (peers.empty()) continue;
    for (const PciFunction* one : {&port, sibling}) {
      const Answer redirects = redirects_peers(*one);
      if (redirects == Answer::Unknown) unseen(*one);
      if (redirects == Answer::No) merge(*one, peers);
    }
  }
}

/// Nothing tells whether a root complex passes requests between root ports of different slots.
void Walk::apart_in_root_complex(const PciFunction& root_port) {
  if (redirects_peers(root_port) != Answer::No || !findings_.why_unknown.empty()) return;
  for (const PciFunction& other : host_.functions)
    if (has_type(other, ExpressType::RootPort) && !other.address.same_slot(root_port.address) &&
        same_root_complex(other, root_port) && !outside(other).empty())
      unknown(fmt::format(
          "root port {} has no ACS, and it is not known whether its root complex passes requests on to {}",
          root_port.address.to_string(), other.address.to_string()));
}

/// Reports the first fact about a port that is missing.
void Walk::unseen(const PciFunction& port) {
  const std::string name = port.address.to_string();
  if (!port.config)
    unknown(fmt::format("configuration space of {}: {}", name, why_unknown(port.config)));
  else if (contradicts_class(port))
    unknown(fmt::format("configuration space of {}: saw header type 0, expected a bridge's", name));
  else if (!has_type(port))
    unknown(fmt::format("PCI Express capability of {}: {}", name, why_unknown(port.config->express)));
  else
    unknown(fmt::format("ACS capability of {}: {}", name, why_unknown(port.config->acs)));
}

/// The endpoints at and below a function that do not belong to our card.
std::vector<PciAddress> Walk::outside(const PciFunction& top) const {
  std::vector<PciAddress> peers;
  for (const PciFunction* function : tree_.subtree(top))
    if (!is_bridge(*function) && !same_card(host_, *function, start_)) peers.push_back(function->address);
  return peers;
}

}  // namespace

Answer redirects_peers(const PciFunction& function) {
  if (!function.config || contradicts_class(function)) return Answer::Unknown;
  const PciConfig& config = *function.config;
  if (config.express.absent()) return Answer::No;
  if (!config.express) return Answer::Unknown;
  switch (*config.express) {
    case ExpressType::PcieToPciBridge:
    case ExpressType::PciToPcieBridge:
    case ExpressType::RootComplexEventCollector:
      return Answer::No;
    default:
      break;
  }
  if (config.acs) return switched_on(*config.acs);
  return config.acs.absent() ? Answer::No : Answer::Unknown;
}

PciTree::PciTree(const Host& host) {
  for (const PciFunction& function : host.functions)
    if (function.parent) edges_.emplace_back(*function.parent, &function);
  std::ranges::stable_sort(edges_, {}, &decltype(edges_)::value_type::first);
}

std::vector<const PciFunction*> PciTree::children(PciAddress bridge) const {
  std::vector<const PciFunction*> result;
  for (const auto& edge : std::ranges::equal_range(edges_, bridge, {}, &decltype(edges_)::value_type::first))
    result.push_back(edge.second);
  return result;
}

std::vector<const PciFunction*> PciTree::subtree(const PciFunction& top) const {
  std::vector<const PciFunction*> found{&top};
  for (std::size_t next = 0; next < found.size(); ++next)
    for (const PciFunction* child : children(found[next]->address))
      // Each function has one parent, so that a circle in an edited capture can only close at the top.
      if (child != &top) found.push_back(child);
  return found;
}

void walk_acs(const Host& host, const PciTree& tree, const PciFunction& start, AcsFindings& findings) {
  Walk(host, tree, start, findings).run();
}

}  // namespace gpupass
