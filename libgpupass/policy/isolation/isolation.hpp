// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"
#include "policy/isolation/acs.hpp"

namespace gpupass {

/// Isolation of what is on one host, whose tree of bridges is built once for all questions.
class Isolations {
 public:
  /// `host` must outlive this.
  explicit Isolations(const Host& host) : host_(host), tree_(host) {}

  /// As isolation_of().
  Isolation of(const IommuGroup& group) const;
  Isolation of(const PciFunction& function) const;

 private:
  Isolation walked(const std::vector<const PciFunction*>& starts) const;

  const Host& host_;
  PciTree tree_;
};

/// The members of a group with their roles; one that the host does not have is Other.
std::vector<GroupMember> members_of(const Host& host, const IommuGroup& group);

}  // namespace gpupass
