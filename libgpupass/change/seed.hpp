// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "change/domain.hpp"
#include "gpupass/seed.hpp"
#include "values/error.hpp"

namespace gpupass {

/// Whether the image is there from which cloud-init configures a guest. No output has the user-data.
template <>
struct Kind<SetSeed> : PlainKind {
  static constexpr const char* kName = "seed";

  static void fields(auto& visit, auto& change) {
    visit("domain", change.domain);
    visit("user_data", change.user_data);
    visit("present", change.present);
  }

  static Json shown(const SetSeed& change) {
    return {{"domain", change.domain}, {"path", seed_path(change.domain)}, {"present", change.present}};
  }

  static std::string words(const SetSeed& change) {
    return fmt::format("{} {}", change.present ? "write" : "remove", seed_path(change.domain));
  }

  static std::string subject(const SetSeed& change) { return seed_path(change.domain); }

  static std::set<std::string> locks(const SetSeed& change) { return {lock_of_guest(change.domain)}; }

  static bool lasts(const SetSeed&) { return true; }

  /// A guest that is left over has it as a disk.
  static std::vector<std::string> waits_for(const SetSeed& change) {
    return {Kind<SetPower>::subject({change.domain}), Kind<SetDomain>::subject({change.domain, {}})};
  }

  static void require_well_formed(const SetSeed& change) {
    if (!is_seed(seed_path(change.domain)))
      throw failure(ErrorCode::Malformed, "plan a change of", seed_path(change.domain),
                    fmt::format("the name {:?}", change.domain), "a name that a file can have");
  }

  static void effect(Host&, const SetSeed&) {}
};

}  // namespace gpupass
