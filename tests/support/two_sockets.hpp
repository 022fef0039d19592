// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"

namespace gpupass {

/// A made-up server with all that placement looks at, every number chosen to be told apart.
///
///   node 0: cores 0-7 (siblings 16-23), L3 caches of 4 cores each, 60 of 64 GiB free,
///           16 free pages of 1 GiB (of 32), 1024 of 2 MiB; GPU 0000:41:00.0 with its audio function .1
///   node 1: cores 8-15 (siblings 24-31), L3 caches likewise, 60 of 64 GiB free, 4 free pages of 1 GiB,
///           2048 of 2 MiB; GPU 0000:c1:00.0 alone
///   The console is 0000:05:00.0; there is no libvirt.
Host two_sockets();

inline constexpr PciAddress kConsole{0, 0x05, 0, 0};
inline constexpr PciAddress kGpu0{0, 0x41, 0, 0};
inline constexpr PciAddress kAudio0{0, 0x41, 0, 1};
inline constexpr PciAddress kGpu1{0, 0xc1, 0, 0};

/// The same function, to be changed.
PciFunction& function_of(Host& host, PciAddress address);
/// A guest that runs and has these.
Domain running_guest(const std::string& name, const std::vector<DeviceId>& devices, const CpuSet& pinned);

}  // namespace gpupass
