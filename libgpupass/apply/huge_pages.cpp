// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/huge_pages.hpp"

#include "apply/perform.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

std::uint64_t pages_at(const Access& access, const std::string& path) {
  const Fact<std::string> text = access.look().read(path);
  const auto count = text ? parse_number<std::uint64_t>(*text) : std::nullopt;
  if (!count)
    throw failure(ErrorCode::System, "read", path,
                  text            ? *text
                  : text.absent() ? "no such file"
                                  : text.why(),
                  "a number");
  return *count;
}

}  // namespace

/// The kernel takes such a write, and then finds as many pages as it can.
void perform(Access& access, const SetHugePages& change) {
  const std::string path = pool_path(change.pages);
  const std::uint64_t wanted = change.pages.count;
  if (pages_at(access, path) == wanted) return;
  access.touch().write(path, fmt::to_string(wanted));
  if (const std::uint64_t now = pages_at(access, path); now != wanted)
    throw failure(
        ErrorCode::System, "reserve huge pages at", path, fmt::to_string(now),
        fmt::format("{}; the memory is in use or in pieces, and --at-boot leaves it to the next boot",
                    wanted));
}

}  // namespace gpupass
