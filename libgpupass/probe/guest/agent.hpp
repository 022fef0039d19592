// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>

#include "gpupass/system.hpp"

namespace gpupass {

/// The agent in one guest. No answer of it is an error: it is a fact that is unknown.
class GuestAgent {
 public:
  GuestAgent(const System& system, std::string domain) : system_(system), domain_(std::move(domain)) {}

  /// Its reply to a command.
  Fact<std::string> ask(const std::string& command) const;
  /// What /bin/sh in the guest prints when it runs a text of gpupass's own. The text ends with status 127
  /// where the guest has not what it needs: then the answer is absent.
  Fact<std::string> run(const char* script, std::chrono::milliseconds patience) const;

 private:
  const System& system_;
  std::string domain_;
};

}  // namespace gpupass
