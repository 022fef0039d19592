// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/request.hpp"
#include "invocation.hpp"

namespace gpupass {

/// As many as any machine type of QEMU takes.
constexpr unsigned kMostVcpus = 4096;

/// Puts each --cell into the request, and their sums as its vCPUs and memory. @throws Error Usage for what is
/// no NODE:VCPUS:SIZE, and where --vcpus or --memory says something else than the sum.
void split_as_asked(const Invocation& invocation, Request& request);

}  // namespace gpupass
