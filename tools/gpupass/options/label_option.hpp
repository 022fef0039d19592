// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "invocation.hpp"

/// --label, which chooses a configuration of a file that has several.
namespace gpupass {

/// `file` is the option that names the file.
void describe_label_option(po::options_description& options, const std::string& file);

/// @throws Error Usage for a label without a file.
void expect_label_beside(const Invocation& invocation, const std::string& file);

/// The label that the user names; without a name the only one that there is. @throws Error Usage.
std::string chosen_label(const Invocation& invocation, const std::vector<std::string>& labels);
std::string label_in(const Invocation& invocation, const auto& labels) {
  std::vector<std::string> names;
  for (const auto& [name, entries] : labels) names.push_back(name);
  return chosen_label(invocation, names);
}

}  // namespace gpupass
