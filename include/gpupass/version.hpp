// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The version of these headers. CMake reads it here.
#define GPUPASS_VERSION "0.1.0"
#define GPUPASS_VERSION_MAJOR 0
#define GPUPASS_VERSION_MINOR 1
#define GPUPASS_VERSION_PATCH 0
