// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpupass {

/// The nodes of the host that a domain's definition gives to the guest as disks, as they stand there:
/// "/dev/nvme0n1", "/dev/disk/by-id/...". What is no domain has none.
std::vector<std::string> raw_disks(std::string_view domain_xml);

}  // namespace gpupass
