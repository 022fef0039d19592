// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Stable stand-ins for serial numbers, MAC addresses and UUIDs: equal stays equal, different stays
/// different. Numbers follow the order of first appearance in the recording, so they reveal nothing.
using Pseudonyms = std::map<std::string, std::string>;

/// What one complete probe read of a machine.
struct Capture {
  std::string text;       ///< The content of a NAME.host file, scrubbed. See gpupass-host(5).
  Pseudonyms pseudonyms;  ///< What stands for what. Not part of the file.
};

/// Probes everything and records each thing that it read.
Capture capture(const System& system);

/// Opens a capture. @throws Error Malformed naming `file`, line and expectation.
std::unique_ptr<System> open_capture(std::string_view text, const std::string& file);

/// The host with the same stand-ins that its capture has: probe(open_capture(capture(s))) == scrub(probe(s)).
Host scrub(const Host& host, const Pseudonyms& pseudonyms);

}  // namespace gpupass
#pragma GCC visibility pop
