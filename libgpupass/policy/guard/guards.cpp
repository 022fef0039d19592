// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/guards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "gpupass/policy.hpp"
#include "policy/guard/candidate.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr const char* kNotTheGpu = "gpu.class";

/// A device of another class moves by itself, when it is named; but a card moves as a whole, by its GPU.
void guard_class(Candidate& candidate) {
  const PciFunction& gpu = candidate.gpu();
  const std::string name = gpu.address.to_string();
  if (is_bridge(gpu))
    return candidate.fail("gpu.bridge", fmt::format("{} is a bridge, and bridges stay with the host", name));
  if (is_gpu(gpu)) return;
  if (!gpu.class_code)
    return candidate.unknown(
        kNotTheGpu, fmt::format("the class of {} is not known: {}", name, why_unknown(gpu.class_code)));
  for (const PciFunction* mate : card_mates(candidate.host(), gpu))
    if (is_gpu(*mate))
      return candidate.fail(
          kNotTheGpu,
          fmt::format("{} has class {:06x}: it is not the GPU of its card", name, *gpu.class_code),
          fmt::format("name the GPU, {}: the whole card goes with it", mate->address.to_string()));
}

std::vector<Finding> abridged(std::vector<Finding> findings) {
  constexpr std::size_t kMostTold = 8;
  struct Untold {
    std::size_t count = 0;
    Verdict verdict = Verdict::Unknown;
  };
  std::map<std::pair<std::string, std::string>, std::size_t> found;
  std::map<std::pair<std::string, std::string>, Untold> untold;
  std::vector<Finding> told;
  for (Finding& finding : findings) {
    const std::pair kind(finding.subject, finding.id);
    if (++found[kind] <= kMostTold) {
      told.push_back(std::move(finding));
      continue;
    }
    Untold& more = untold[kind];
    ++more.count;
    if (finding.verdict == Verdict::Fail) more.verdict = Verdict::Fail;
  }
  for (const auto& [kind, more] : untold)
    told.push_back({kind.second, more.verdict, kind.first,
                    fmt::format("{} more findings of {} are like these", more.count, kind.first), ""});
  return told;
}

}  // namespace

std::vector<Finding> findings_of(std::vector<Objection> objections) {
  std::vector<Finding> findings;
  for (Objection& objection : objections) findings.push_back(std::move(objection.finding));
  return abridged(std::move(findings));
}

std::vector<Objection> objections(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
                                  const std::vector<std::string>& stop) {
  Candidate candidate(host, gpu, together, stop);
  guard_class(candidate);
  guard_group(candidate);
  guard_addresses(candidate);
  guard_interrupts(candidate);
  for (const PciAddress address : candidate.closure()) {
    const PciFunction& member = function_at(host, address);
    if (auto finding = wedged_finding(host, address)) candidate.add(*std::move(finding));
    if (auto finding = is_gpu(member) ? quarantine_finding(host, member) : std::nullopt)
      candidate.add(*std::move(finding));
    guard_console(candidate, member);
    guard_uses(candidate, member);
    guard_driver(candidate, member);
  }
  for (Finding& user : users_of(host, gpu, candidate.closure())) candidate.add(std::move(user));
  guard_letting_go(candidate);
  guard_reset(candidate);
  return candidate.objections();
}

std::vector<Objection> unforced(std::vector<Objection> objections, const std::vector<PciAddress>& force) {
  std::erase_if(objections, [&](const Objection& objection) {
    return objection.force && std::ranges::find(force, *objection.force) != force.end();
  });
  return objections;
}

std::vector<Finding> guards(const Host& host, PciAddress gpu) {
  return findings_of(objections(host, gpu, {gpu}));
}

std::optional<Finding> wedged_finding(const Host& host, PciAddress device) {
  const std::string name = device.to_string();
  if (!host.wedged && !host.wedged.absent())
    return Finding{kWedgedGpu, Verdict::Unknown, name,
                   fmt::format("it is not known whether a driver hung while it was unbound from {}: {}", name,
                               why_unknown(host.wedged)),
                   kRunAsRoot};
  if (!host.wedged || !std::ranges::binary_search(*host.wedged, device)) return std::nullopt;
  return Finding{
      kWedgedGpu, Verdict::Fail, name,
      fmt::format("a driver hung while it was unbound from {}, and still holds it", name),
      "end what has the device open, then run gpupass recover; if that does not help, reboot the host"};
}

}  // namespace gpupass
