// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/link.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "policy/check/link_health.hpp"
#include "policy/check/rules.hpp"
#include "values/card.hpp"
#include "values/own_switch.hpp"
#include "values/switch_port.hpp"

namespace gpupass {

namespace {

std::string lanes(const PciLink& link) {
  return fmt::format("{} of {} lanes", link.width, link.max_width);
}

constexpr const char* kSeatIt =
    "seat the card again, clean its contacts, and look at risers and adapters; where slots share lanes, the "
    "firmware's setup divides them (bifurcation)";

void judge_card(const std::string& name, const PciFunction& card, const LinkAssessment& link,
                Findings& findings) {
  const Fact<PciLink> now = link.link;
  if (link.health == LinkHealth::Narrow) {
    findings.push_back(
        {"gpu.link", Verdict::Warn, name,
         fmt::format("the link of {} has {}: it carries less than it could", name, lanes(link.link)),
         kSeatIt});
    return;
  }
  std::string message = fmt::format("the link of {} is {}, all that card and slot can", name, link_best(now));
  if (link_best(now) != link_best(card.link))
    message = fmt::format("the link of {} is {}, all that its slot can; the card could {}", name,
                          link_best(now), link_best(card.link));
  if (link.health == LinkHealth::Resting) message += fmt::format("; it rests at {} now", link_now(now));
  findings.push_back({"gpu.link", Verdict::Pass, name, message, ""});
}

}  // namespace

void check_link(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  if (is_virtual(function)) return;
  const std::string name = function.address.to_string();
  if (function.link.unknown())
    findings.push_back({"gpu.link", Verdict::Unknown, name,
                        fmt::format("it is not known how {} is linked: {}", name, function.link.why()), ""});
  const PciFunction& card = at_slot(host, function);
  const auto link = link_above(host, card);
  if (link && link->health != LinkHealth::Unknown) judge_card(name, card, *link, findings);
}

/// The links between switches, and to the root port.
void check_path(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  const std::string name = function.address.to_string();
  for (const PciFunction* above : path_to_root(host, at_slot(host, function))) {
    const auto link = is_upstream_port(host, *above) ? link_above(host, *above) : std::nullopt;
    if (!link || (link->health != LinkHealth::Narrow && link->health != LinkHealth::Slow)) continue;
    const std::string port = above->address.to_string();
    const Fact<PciLink> now = link->link;
    findings.push_back(
        {"gpu.path", Verdict::Warn, name,
         fmt::format("the way to {} is narrow: the switch at {} is linked at {}, and could {}", name, port,
                     link_now(now), link_best(now)),
         fmt::format("look at the board or the cable that {} is on; a firmware may limit the speed", port)});
  }
}

/// An error of a link may be counted at either of its ends. A card that is reset, and one that starts, make
/// a few that are corrected.
void check_errors(const Host& host, const Assessment& gpu, Findings& findings) {
  constexpr std::uint64_t kMany = 1000;
  const PciFunction& function = function_at(host, function_of(gpu.device));
  const std::string name = function.address.to_string();
  std::vector<const PciFunction*> hops = path_to_root(host, function);
  hops.insert(hops.begin(), &function);
  bool counted = false, clean = true;
  for (const PciFunction* hop : hops) {
    if (!hop->errors) continue;
    counted = true;
    const PciErrors& errors = *hop->errors;
    if (errors.fatal + errors.nonfatal == 0 && errors.correctable < kMany) continue;
    clean = false;
    findings.push_back(
        {"gpu.errors", Verdict::Warn, name,
         fmt::format(
             "the link of {} has errors: since the boot {} counts {} corrected, {} not corrected, {} fatal",
             name, hop->address.to_string(), errors.correctable, errors.nonfatal, errors.fatal),
         fmt::format("journalctl -k --grep AER tells when and which; {}", kSeatIt)});
  }
  if (counted && clean)
    findings.push_back({"gpu.errors", Verdict::Pass, name,
                        fmt::format("the links of {} have no errors that matter", name), ""});
}

}  // namespace gpupass
