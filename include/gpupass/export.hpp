// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks what the library exports: the declarations of the public headers. Everything else is hidden.
#define GPUPASS_EXPORT [[gnu::visibility("default")]]
