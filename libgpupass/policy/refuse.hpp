// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/finding.hpp"

namespace gpupass {

/// Says no: "cannot bind 0000:65:00.0: it is ...; it ...", with the remedies as the hint.
/// @throws Error Refused, always.
[[noreturn]] void refuse(const std::string& verb, const std::string& subject,
                         const std::vector<Finding>& findings);
[[noreturn]] void refuse(const std::string& verb, const std::string& subject, const std::string& message,
                         const std::string& hint = {});

}  // namespace gpupass
