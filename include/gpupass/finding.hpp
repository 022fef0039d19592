// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace gpupass {

enum class Verdict {
  Pass,
  Warn,
  Fail,
  Unknown,  ///< Could not be measured; the message says why.
};
/// "pass", "warn", "fail", "unknown".
std::string_view to_string(Verdict verdict);

/// One verdict of a check, and its remedy.
struct Finding {
  std::string id;  ///< Stable: "gpu.boot-display". Documented in gpupass-findings(7).
  Verdict verdict = Verdict::Unknown;
  std::string subject;  ///< The device, group or domain concerned.
  std::string message;
  std::string remedy;  ///< Empty: nothing to do.
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A kind of finding, for documentation, and for the tests that check that it is complete.
struct FindingId {
  std::string id;
  std::string meaning;  ///< One line.
};
/// Every id that a finding can have, ascending.
std::vector<FindingId> finding_ids();

}  // namespace gpupass
#pragma GCC visibility pop
