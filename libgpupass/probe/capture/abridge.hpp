// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "system/capture/recording.hpp"

namespace gpupass {

/// The recording without what a probe passes over: the files that processes have open, the kernel's other
/// options (which may hold keys), interrupt counts, and what identifies CPUs and cards. A probe of it finds
/// the same.
Recording abridged(Recording recording);

}  // namespace gpupass
