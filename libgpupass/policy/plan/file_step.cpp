// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/file_step.hpp"

namespace gpupass {

void add_file_step(Plan& plan, std::string summary, std::string reason, const std::string& path,
                   const std::optional<std::string>& before, const std::optional<std::string>& after) {
  plan.assumes.push_back({Assumption::Kind::Attribute, path, before.value_or("")});
  plan.steps.push_back(
      {std::move(summary), std::move(reason), SetOwnFile{path, after}, SetOwnFile{path, before}});
}

}  // namespace gpupass
