// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/missing_reset.hpp"

#include <fmt/format.h>

#include "policy/guard/candidate.hpp"
#include "policy/isolation/reset_scope.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

std::optional<Finding> missing_reset(const Host& host, const PciFunction& gpu,
                                     const std::vector<PciAddress>& leaving) {
  const std::string name = gpu.address.to_string();
  switch (const ResetScope scope = reset_scope(host, gpu, leaving); scope.kind) {
    case ResetScope::Kind::None:
      return Finding{"gpu.reset", Verdict::Fail, name,
                     fmt::format("{} cannot be reset: it may not come back from a guest", name),
                     "plan for a reboot of the host"};
    case ResetScope::Kind::Wider:
      return Finding{"gpu.reset", Verdict::Fail, name,
                     fmt::format("{} can be reset only together with {}, which stays with the host", name,
                                 addresses_text(scope.others)),
                     scope.others.front().same_slot(gpu.address)
                         ? "they are parts of one chip: plan for a reboot of the host"
                         : "put the card into a slot of its own"};
    case ResetScope::Kind::Unknown:
    case ResetScope::Kind::Function:
    case ResetScope::Kind::Bus:
      return std::nullopt;
  }
  return std::nullopt;
}

/// A guest leaves its state in the card. Without a reset the next guest, or the host's driver, finds it. What
/// is bound already has left.
void guard_reset(Candidate& candidate) {
  if (is_bound(candidate.host(), candidate.closure())) return;
  auto finding = missing_reset(candidate.host(), candidate.gpu(), candidate.leaving());
  if (finding)
    candidate.protect(candidate.gpu().address, "gpu.reset", std::move(finding->message),
                      std::move(finding->remedy));
}

}  // namespace gpupass
