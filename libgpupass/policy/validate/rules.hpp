// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "policy/validate/match.hpp"

/// The parts of validate(). Each adds what it finds.
namespace gpupass {

/// One guest that is looked at.
struct Validation {
  Validation(const Host& host_, const Domain& domain_, const GuestFacts& guest_);

  const Host& host;
  const Domain& domain;
  const GuestFacts& guest;
  GuestPromise promise;
  Fact<Host> machine;            ///< As the guest tells it; of one that does not run unknown.
  std::vector<MatchedGpu> gpus;  ///< Point into `machine`.
  std::vector<Finding> findings = {};

  void add(const char* id, Verdict verdict, const std::string& subject, std::string message,
           std::string remedy = {}) {
    findings.push_back({id, verdict, subject, std::move(message), std::move(remedy)});
  }
  Validation(const Validation&) = delete;
  Validation& operator=(const Validation&) = delete;
};

/// @throws Error NotFound, Unavailable.
const Domain& domain_to_validate(const Host& host, const std::string& name);

/// Whether the agent tells anything.
void validate_agent(Validation& check);
/// NUMA nodes and their CPUs.
void validate_cells(Validation& check);
void validate_log(Validation& check);
/// Presence, node, link, addresses and driver of each GPU.
void validate_gpus(Validation& check);
/// What nvbandwidth measured, if it was asked.
void validate_bandwidths(Validation& check, const std::optional<Baseline>& baseline);
void validate_baseline(Validation& check, const Baseline& baseline);

Baseline seen_by(const Validation& check);

}  // namespace gpupass
