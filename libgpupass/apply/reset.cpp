// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

std::string methods_in(const Fact<std::string>& text, PciAddress device) {
  if (text) return *text;
  throw failure(ErrorCode::System, "read the reset methods of", device.to_string(),
                text.absent() ? "none" : text.why(), "the names of methods");
}

std::string methods_of(const Access& access, PciAddress device) {
  return methods_in(access.read_guarded(sysfs_path(device, "reset_method")), device);
}

/// A function that has fallen off its bus reads ones everywhere: the kernel itself then says that the reset
/// was done.
void expect_answer(const Access& access, PciAddress device) {
  constexpr std::size_t kIds = 4;
  const Fact<std::string> ids = access.look().read_bytes(sysfs_path(device, "config"), 0, kIds);
  const std::string name = device.to_string();
  if (!ids || ids->size() < kIds)
    throw failure(ErrorCode::System, "read the configuration space of", name,
                  ids            ? fmt::format("{} bytes", ids->size())
                  : ids.absent() ? "none"
                                 : ids.why(),
                  "its ids");
  if (std::all_of(ids->begin(), ids->begin() + kIds, [](char byte) { return byte == '\xff'; }))
    throw failure(ErrorCode::System, "reset", name, "nothing but ones in its configuration space",
                  "that it answers");
}

}  // namespace

/// The kernel asks the function what it can do, so the write may wait for it.
void perform(Access& access, const SetResetMethods& change) {
  const std::string wanted = fmt::format("{}", fmt::join(change.methods, " "));
  if (methods_of(access, change.device) == wanted) return;
  const std::string now =
      methods_in(access.set_guarded(sysfs_path(change.device, "reset_method"), wanted), change.device);
  if (now != wanted)
    throw failure(ErrorCode::System, "set the reset methods of", change.device.to_string(), now, wanted);
}

/// With several methods the kernel would try the next one where the first one does not do.
void perform(Access& access, const ResetDevice& change) {
  if (const std::string now = methods_of(access, change.device); now != change.method)
    throw failure(ErrorCode::System, "reset", change.device.to_string(), "the methods " + now,
                  change.method + " alone");
  access.touch().write_guarded(sysfs_path(change.device, "reset"), "1");
  expect_answer(access, change.device);
}

}  // namespace gpupass
