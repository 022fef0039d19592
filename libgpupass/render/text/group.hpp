// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/render.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"

namespace gpupass {

/// "kernel yes, ACS no (merged by 0000:60:01.0)".
std::string isolation_words(const Isolation& isolation);
/// One row for each member: address, role, class, driver, name.
Table group_members(const Host& host, const std::vector<GroupMember>& members, const NameLookup& names);

}  // namespace gpupass
