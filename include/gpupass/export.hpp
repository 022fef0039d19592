// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks the part of a namespace that the library exports: what the public headers declare. All else is
/// hidden.
#define GPUPASS_EXPORT [[gnu::visibility("default")]]
