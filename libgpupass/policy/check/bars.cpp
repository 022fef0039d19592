// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/units.hpp"
#include "policy/check/rules.hpp"
#include "values/card.hpp"

namespace gpupass {

/// A guest sees the sizes that the host set. The firmware sets them at power-on; many leave the smallest.
void check_resizable_bars(const Host& host, const Assessment& gpu, Findings& findings) {
  const PciFunction& function = function_at(host, function_of(gpu.device));
  if (!function.config || !function.config->resizable_bars || is_virtual(function)) return;
  const std::string name = function.address.to_string();
  for (const ResizableBar& bar : *function.config->resizable_bars) {
    const bool largest = bar.size_bytes >= bar.largest_bytes;
    findings.push_back(
        {"gpu.bar-size", Verdict::Pass, name,
         largest
             ? fmt::format("BAR {} of {} has {}, all that the card allows", bar.index, name,
                           format_size(bar.size_bytes))
             : fmt::format("BAR {} of {} has {}, and could have {}, if the firmware's setup has \"Resizable "
                           "BAR\"",
                           bar.index, name, format_size(bar.size_bytes), format_size(bar.largest_bytes)),
         ""});
  }
}

}  // namespace gpupass
