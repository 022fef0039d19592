// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

/// What the writer and the reader of the journal agree on.
namespace gpupass {

inline constexpr int kJournalFormat = 1;

/// "/var/lib/gpupass/journal/1763738700123456-4711".
std::string journal_path(const std::string& id);

}  // namespace gpupass
