// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "guest/text/domain_text.hpp"

namespace gpupass {

/// Makes sure that devices whose address libvirt has yet to choose find free ports on the root bus: libvirt
/// takes the first that there is, and what comes below an expander is kept for cards of its cell.
void make_ports_for_waiting(DomainText& text);

}  // namespace gpupass
