// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/request.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// What kind of thing went wrong; programs map it to an exit status.
enum class ErrorCode {
  Usage,        ///< The caller asked for something that has no meaning.
  NotFound,     ///< No such GPU, domain, file.
  Malformed,    ///< Input that does not have the form it must have.
  Refused,      ///< A check says no. Nothing was changed.
  Unavailable,  ///< A part of the machine that is needed is not there: libvirt, say.
  Busy,         ///< Another gpupass is at work, or the plan is stale: try again.
  Timeout,      ///< An answer did not come before its deadline.
  Wedged,       ///< A write into the kernel did not return; the device needs a reboot.
  System,       ///< The kernel or libvirt reported an error.
  Cancelled,    ///< The caller asked to stop.
};

/// The stable name of a code, as JSON shows it: "not-found".
std::string_view to_string(ErrorCode code);

/// The one exception. what() reads "cannot <verb> <subject>: saw X, expected Y".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string subject, const std::string& message, std::string hint = {});
  /// A refusal: what() is the headline, "cannot <verb> <subject>", and the messages of all reasons; hint() is
  /// all their remedies.
  Error(ErrorCode code, std::string subject, std::string headline, std::vector<Finding> reasons,
        std::vector<Request> alternatives = {});

  ErrorCode code() const { return code_; }
  /// The device, file or domain concerned. May be empty.
  const std::string& subject() const { return subject_; }
  /// What the user can do about it, or what there is instead: one line or several. May be empty.
  const std::string& hint() const { return hint_; }
  /// Why it is refused, each reason with its remedy, and what it is that is refused. Empty where no check
  /// said no.
  const std::vector<Finding>& reasons() const { return reasons_; }
  const std::string& headline() const { return headline_; }
  /// Of a guest that does not fit: the nearest requests that do.
  const std::vector<Request>& alternatives() const { return alternatives_; }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string hint_;
  std::string headline_ = {};
  std::vector<Finding> reasons_ = {};
  std::vector<Request> alternatives_ = {};
};

}  // namespace gpupass
#pragma GCC visibility pop
