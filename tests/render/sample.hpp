// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"
#include "gpupass/render.hpp"

/// One host that has something of everything that results show.
namespace gpupass {

/// Two sockets. GPU 0 runs the nvidia driver on a link of half its lanes; GPU 1 is in a guest; beside them a
/// network card, an NVMe drive and the BMC's console. One thing could not be seen.
Host sample_host();

/// The same where nothing was left unasked, as a matrix and a drawing need it.
Host whole_sample();

/// Names for the sample's ids, one of them hostile.
NameLookup sample_names();

}  // namespace gpupass
