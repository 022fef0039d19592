// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "system/capture/recording.hpp"

namespace gpupass {

/// Replaces the content of a recorded file with the result of `shorten`.
template <typename Shorten>
void shorten_file(Recording& recording, std::string_view path, const Shorten& shorten) {
  const Entry* entry = recording.find(path);
  if (entry && entry->kind == Entry::Kind::File)
    recording.set(path, {Entry::Kind::File, std::string(shorten(entry->text))});
}

}  // namespace gpupass
