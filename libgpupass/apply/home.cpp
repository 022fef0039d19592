// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "codec/home_file.hpp"

namespace gpupass {

namespace {

/// What is written down now; nullopt when nothing is, or nothing that can be understood.
std::optional<Home> recorded(const System& system, PciAddress device) {
  const Fact<std::string> content = system.read(home_path(device));
  if (!content) return std::nullopt;
  try {
    return parse_home_file(device, *content);
  } catch (const Error&) {
    return std::nullopt;  // A damaged record is as good as none: it is about to be replaced.
  }
}

}  // namespace

void perform(Access& access, const SetHome& change) {
  const std::string path = home_path(change.device);
  if (change.home) {
    if (recorded(access.look(), change.device) == change.home) return;
    access.touch().save(path, to_home_file(*change.home));
    if (recorded(access.look(), change.device) != change.home)
      throw failure(ErrorCode::System, "save", path, "other content", "what was written");
  } else {
    if (access.look().read(path).absent()) return;
    access.touch().remove(path);
    if (!access.look().read(path).absent())
      throw failure(ErrorCode::System, "remove", path, "the file still there", "none");
  }
}

}  // namespace gpupass
