// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/seed.hpp"

#include "apply/absence.hpp"
#include "apply/perform.hpp"

namespace gpupass {

/// The image is known by its meta-data: they tell the guest and the user-data apart from all others.
void perform(Access& access, const SetSeed& change) {
  const std::string path = seed_path(change.domain), mark = meta_data(change.domain, change.user_data);
  const auto is_there = [&] {
    const Fact<std::string> image = access.look().read(path);
    if (image.unknown()) throw failure(ErrorCode::System, "read", path, image.why(), "an image or no file");
    return image && image->find(mark) != image->npos;
  };
  if (is_there() == change.present) return;
  if (change.present)
    access.touch().carry_out(WriteSeedOrder{change.domain, change.user_data});
  else
    access.touch().remove(path);
  if (is_there() != change.present)
    throw failure(ErrorCode::System, change.present ? "write" : "remove", path,
                  change.present ? "other content" : "it still there",
                  change.present ? "what was written" : "no such file");
}

}  // namespace gpupass
