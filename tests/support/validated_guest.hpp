// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/validate.hpp"

namespace gpupass {

/// two_sockets() with two GPUs of one model, linked by 16 lanes at 32 GT/s, and the guest "vm", which has
/// both.
Host host_with_guest();
/// The live definition of "vm": two cells, each with an expander, a port and a GPU. GPU 0000:41:00.0 is on
/// cell 0, at 80:00.0/00.0 of the guest, and 0000:c1:00.0 on cell 1, at c0:00.0/00.0.
std::string definition_of_guest();
/// What "vm" tells if all is well: its GPUs are 0000:81:00.0 and 0000:c1:00.0.
GuestFacts healthy_guest();
/// The same as its agent tells it: the text of a capture, as the script in the guest prints it.
std::string listing_of_guest();

inline constexpr PciAddress kGuestGpu0{0, 0x81, 0, 0};
inline constexpr PciAddress kGuestGpu1{0, 0xc1, 0, 0};

}  // namespace gpupass
