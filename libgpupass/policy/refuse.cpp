// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/refuse.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "policy/guard/guards.hpp"

namespace gpupass {

namespace {

bool is_wedged(const Finding& finding) {
  return finding.id == kWedgedGpu && finding.verdict == Verdict::Fail;
}

}  // namespace

void refuse(const std::string& verb, const std::string& subject, const std::vector<Finding>& findings) {
  const bool wedged = std::ranges::any_of(findings, is_wedged);
  throw Error(wedged ? ErrorCode::Wedged : ErrorCode::Refused, subject,
              fmt::format("cannot {} {}", verb, subject), findings);
}

void refuse(const std::string& verb, const std::string& subject, const std::string& message,
            const std::string& hint) {
  throw Error(ErrorCode::Refused, subject, fmt::format("cannot {} {}: {}", verb, subject, message), hint);
}

}  // namespace gpupass
