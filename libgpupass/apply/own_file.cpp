// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/own_file.hpp"

#include "apply/absence.hpp"
#include "apply/perform.hpp"

namespace gpupass {

void write_file(Access& access, const std::string& path, const std::string& content) {
  const auto is_there = [&] {
    const Fact<std::string> now = access.look().read(path);
    return content.empty() ? now.absent() : now && *now + '\n' == content;
  };
  if (is_there()) return;
  if (content.empty())
    access.touch().remove(path);
  else
    access.touch().save(path, content);
  if (!is_there()) throw failure(ErrorCode::System, "save", path, "other content", "what was written");
}

void perform(Access& access, const SetOwnFile& change) {
  write_file(access, change.path, change.content ? *change.content + '\n' : "");
}

}  // namespace gpupass
