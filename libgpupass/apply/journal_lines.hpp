// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

/// What the writer and the reader of the journal agree on.
namespace gpupass {

inline constexpr int kJournalFormat = 1;

/// "/var/lib/gpupass/journal/1763738700123456-4711".
std::string journal_path(const std::string& id);

/// What the name of a file ends with that need not be looked at any more: its operation is over. One without
/// may be over as well.
inline constexpr std::string_view kOver = ".over";

}  // namespace gpupass
