// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"
#include "gpupass/parts.hpp"

/// A part that was not asked for never makes an answer "yes".
namespace gpupass {

/// "domains, users": those of the parts that were not asked for when the host was probed. Empty: all were.
/// `groups` cannot be told: a host has those that were asked for.
std::string parts_not_asked(const Host& host, const Parts& parts);

/// @throws Error Refused, naming the parts that were not asked for: "cannot bind 0000:65:00.0: ...".
void expect_asked(const Host& host, const Parts& parts, const std::string& verb, const std::string& subject);

}  // namespace gpupass
