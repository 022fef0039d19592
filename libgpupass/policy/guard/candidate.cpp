// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/plan/quiesce.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"

namespace gpupass {

Candidate::Candidate(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together,
                     const std::vector<std::string>& stop)
    : host_(host),
      gpu_(function_at(host, gpu)),
      together_(together),
      leaving_(closure_of(host, together)),
      closure_(closure_of(host, gpu)),
      stop_(stop) {}

bool Candidate::stops(const std::string& unit) const {
  return may_be_stopped(unit) || std::ranges::find(stop_, unit) != stop_.end();
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
