// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/error.hpp"

#include <algorithm>
#include <utility>

#include "values/text.hpp"

namespace gpupass {

namespace {

/// A part of each reason, each text once.
std::string joined(const std::vector<Finding>& reasons, std::string Finding::* part) {
  std::string text;
  for (const Finding& reason : reasons) append_once(text, reason.*part, "; ");
  return text;
}

/// Several devices may have the same reason.
std::vector<Finding> each_once(std::vector<Finding> reasons) {
  for (auto reason = reasons.begin(); reason != reasons.end();)
    if (std::find(reasons.begin(), reason, *reason) == reason)
      ++reason;
    else
      reason = reasons.erase(reason);
  return reasons;
}

}  // namespace

Error::Error(ErrorCode code, std::string subject, const std::string& message, std::string hint)
    : std::runtime_error(message), code_(code), subject_(std::move(subject)), hint_(std::move(hint)) {}

Error::Error(ErrorCode code, std::string subject, std::string headline, std::vector<Finding> reasons,
             std::vector<Request> alternatives)
    : std::runtime_error(headline + ": " + joined(reasons, &Finding::message)),
      code_(code),
      subject_(std::move(subject)),
      hint_(joined(reasons, &Finding::remedy)),
      headline_(std::move(headline)),
      reasons_(each_once(std::move(reasons))),
      alternatives_(std::move(alternatives)) {}

}  // namespace gpupass
