// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

/// What a word of a command line may be, by the placeholder that the help has for it.
namespace gpupass {

struct CandidateWord {
  std::string word;
  std::string meaning = {};
};

/// Whether it is the name of a file.
bool is_file(std::string_view placeholder);

/// What may stand for "GPU", "DOMAIN", "install|remove" on this machine. `typed` is what stands there so far:
/// addresses are short, and long too where it begins so. Empty where nobody can tell, and where the machine
/// does not answer.
std::vector<CandidateWord> candidates_for(std::string_view placeholder, const std::string& typed,
                                          const SystemOptions& machine);

}  // namespace gpupass
