// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace gpupass {

/// Whether this build looks for bad memory accesses. What is tried a thousand times elsewhere takes minutes
/// there, and a part of it passes through the same code.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace gpupass
