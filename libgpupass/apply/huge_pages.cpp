// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/huge_pages.hpp"

#include "apply/number_at.hpp"
#include "apply/perform.hpp"

namespace gpupass {

/// The kernel takes such a write, and then finds as many pages as it can.
void perform(Access& access, const SetHugePages& change) {
  const std::string path = pool_path(change.pages);
  const std::uint64_t wanted = change.pages.count;
  const auto count = [&] { return number_at<std::uint64_t>(path, access.look().read(path)); };
  if (count() == wanted) return;
  access.touch().write(path, fmt::to_string(wanted));
  if (const std::uint64_t now = count(); now != wanted)
    throw failure(
        ErrorCode::System, "reserve huge pages at", path, fmt::to_string(now),
        fmt::format("{}; the memory is in use or in pieces, and --at-boot leaves it to the next boot",
                    wanted));
}

}  // namespace gpupass
