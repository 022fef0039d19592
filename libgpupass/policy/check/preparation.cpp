// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/prepare/preparation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/check/rules.hpp"
#include "values/text.hpp"

namespace gpupass {

/// Silent where nobody prepared the host.
void check_preparation(const Host& host, Findings& findings) {
  constexpr auto kId = "host.preparation";
  const Fact<Preparation> preparation = preparation_of(host);
  if (preparation && *preparation == Preparation()) return;
  if (!preparation) {
    findings.push_back({kId, Verdict::Unknown, "host",
                        fmt::format("what gpupass prepare set is not known: {}", why_unknown(preparation)),
                        kRunAsRoot});
    return;
  }
  const std::vector<std::string> missing = not_in_effect(host, *preparation);
  if (missing.empty())
    findings.push_back({kId, Verdict::Pass, "host", "what gpupass prepare set is in effect", ""});
  else
    findings.push_back(
        {kId, Verdict::Warn, "host",
         fmt::format("what gpupass prepare set is not in effect: {}", fmt::join(missing, "; ")),
         "reboot the host; gpupass prepare --undo takes it back"});
}

}  // namespace gpupass
