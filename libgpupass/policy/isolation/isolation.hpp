// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// The members of a group with their roles; one that the host does not have is Other.
std::vector<GroupMember> members_of(const Host& host, const IommuGroup& group);

}  // namespace gpupass
