// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace gpupass {

/// Whether this build looks for bad memory accesses. What is tried a thousand times elsewhere takes minutes
/// there, and a part of it passes through the same code.
#if defined(__SANITIZE_ADDRESS__)  // GCC
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)  // Clang
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace gpupass
