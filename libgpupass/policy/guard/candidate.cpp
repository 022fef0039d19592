// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/plan/quiesce.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"

namespace gpupass {

namespace {

std::set<PciAddress> functions_on_cards(const Host& host, const std::vector<PciAddress>& gpus) {
  std::set<PciAddress> cards(gpus.begin(), gpus.end());
  for (const PciAddress gpu : gpus)
    for (const PciFunction* mate : card_mates(host, function_at(host, gpu))) cards.insert(mate->address);
  return cards;
}

}  // namespace

Candidate::Candidate(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
                     const std::vector<std::string>& stop)
    : host_(host),
      gpu_(function_at(host, gpu)),
      cards_(functions_on_cards(host, together)),
      leaving_(closure_of(host, together)),
      closure_(closure_of(host, gpu)),
      display_stays_(std::ranges::any_of(host.functions,
                                         [this](const PciFunction& function) {
                                           return is_hosts_display(function) && !is_leaving(function.address);
                                         })),
      stop_(stop) {}

bool is_hosts_display(const PciFunction& function) {
  return can_show_console(function) && !on_vfio(function);
}

bool Candidate::ends(const DeviceUser& user) const {
  return ends_with(stop_, user);
}

namespace {

std::string or_force(std::string remedy, PciAddress device) {
  if (!remedy.empty()) remedy += "; ";
  return remedy + fmt::format("--force {} skips this check", device.to_string());
}

}  // namespace

void Candidate::protect(PciAddress device, const char* id, std::string message, std::string remedy) {
  add(id, Verdict::Fail, std::move(message), or_force(std::move(remedy), device), device);
}

void Candidate::doubt(PciAddress device, const char* id, std::string message, std::string remedy) {
  add(id, Verdict::Unknown, std::move(message), or_force(std::move(remedy), device), device);
}

}  // namespace gpupass
