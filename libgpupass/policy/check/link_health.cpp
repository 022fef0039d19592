// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/check/link_health.hpp"

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "values/card.hpp"
#include "values/own_switch.hpp"
#include "values/switch_port.hpp"

namespace gpupass {

namespace {

/// A GPU's link, at the slot of its card, has its full speed only while the GPU works.
bool may_rest(const Host& host, const PciFunction& function) {
  return std::ranges::any_of(host.functions, [&](const PciFunction& gpu) {
    return is_gpu(gpu) && &at_slot(host, gpu) == &function;
  });
}

/// The port at the upper end of the function's link; nullptr: it has no link of its own.
const PciFunction* upper_end(const Host& host, const PciFunction& function) {
  const PciFunction* port = function.parent ? find_function(host, *function.parent) : nullptr;
  const bool within_switch = port && is_upstream_port(host, *port);
  const bool within_card = &at_slot(host, function) != &function;
  return within_switch || within_card || is_virtual(function) ? nullptr : port;
}

LinkHealth health_of(const Host& host, const PciFunction& function, const PciLink& link) {
  if (link.width == 0 || link.max_width == 0 || link.speed_gts <= 0 || link.max_speed_gts <= 0)
    return LinkHealth::Unknown;
  if (link.width < link.max_width) return LinkHealth::Narrow;
  if (link.speed_gts >= link.max_speed_gts) return LinkHealth::Best;
  return may_rest(host, function) ? LinkHealth::Resting : LinkHealth::Slow;
}

}  // namespace

std::optional<LinkAssessment> link_above(const Host& host, const PciFunction& function) {
  const PciFunction* port = upper_end(host, function);
  if (!port || function.link.absent() || port->link.absent()) return std::nullopt;
  if (!function.link || !port->link)
    return LinkAssessment{function.address, LinkHealth::Unknown, function.link.value_or({})};
  PciLink link = *function.link;
  link.max_speed_gts = std::min(link.max_speed_gts, port->link->max_speed_gts);
  link.max_width = std::min(link.max_width, port->link->max_width);
  return LinkAssessment{function.address, health_of(host, function, link), link};
}

std::vector<LinkAssessment> assess_links(const Host& host) {
  expect_asked(host, {.all_functions = true, .all_links = true}, "assess the links of", "the host");
  std::vector<LinkAssessment> links;
  for (const PciFunction& function : host.functions)
    if (const auto link = link_above(host, function)) links.push_back(*link);
  return links;
}

Picture picture_of(const Host& host) {
  return {assess(host), assess_links(host)};
}

}  // namespace gpupass
