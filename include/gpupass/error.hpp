// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

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
};

/// The stable name of a code, as JSON shows it: "not-found".
std::string_view to_string(ErrorCode code);

/// The one exception. what() reads "cannot <verb> <subject>: saw X, expected Y".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string subject, const std::string& message, std::string hint = {});

  ErrorCode code() const { return code_; }
  /// The device, file or domain concerned. May be empty.
  const std::string& subject() const { return subject_; }
  /// What the user can do about it. May be empty.
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string hint_;
};

}  // namespace gpupass
#pragma GCC visibility pop
