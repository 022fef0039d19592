// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/names.hpp"
#include "render/svg/drawing.hpp"
#include "render/svg/machine.hpp"

namespace gpupass {

constexpr int kGap = 8;  ///< Between boxes that stand one below the other, and of texts from their sides.

/// How wide a port or a switch must be for its texts.
int port_width(const Host& host);

/// A box with what is known of a part: of a GPU its state and guest, of each its link.
void draw_box(Drawing& drawing, const Host& host, const Part& part, const Area& area,
              const NameLookup& names);

}  // namespace gpupass
