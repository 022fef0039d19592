// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Those of own_file_paths().
std::vector<OwnFile> read_own_files(const System& system);

/// Reads: /etc/gpupass/settings.
Fact<Settings> read_settings(const System& system, Limits& limits);

/// Reads: /etc/gpupass/quarantine.
Fact<std::vector<Quarantined>> read_quarantine(const System& system, Limits& limits);

}  // namespace gpupass
