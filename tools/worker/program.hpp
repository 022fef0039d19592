// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gpupass {

/// How a program ended, and what it said.
struct Ended {
  int status = 0;  ///< As wait(2) has it.
  std::string output;
  std::string complaint;  ///< The end of its standard error output, without the last newline.
};

/// Runs a program of the system and waits for it: never a shell, with nothing of our environment. It is
/// killed when this process dies. `arguments` begin with its path; `language` is the word of its environment
/// that decides about its messages. @throws Error Unavailable when there is no such program.
Ended run_program(std::vector<std::string> arguments, std::string language = "LC_ALL=C");

/// "modprobe ended with exit status 1", or with a signal.
std::string end_of(const std::string& program, const Ended& ended);

/// What it complained of, or else how it ended.
std::string why_failed(const std::string& program, const Ended& ended);

}  // namespace gpupass
