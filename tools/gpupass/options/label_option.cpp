// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/label_option.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

constexpr auto kLabel = "label";

}  // namespace

void describe_label_option(po::options_description& options, const std::string& file) {
  options.add_options()(kLabel, po::value<std::string>()->value_name("LABEL"),
                        fmt::format("with --{}: which configuration of the file", file).c_str());
}

void expect_label_beside(const Invocation& invocation, const std::string& file) {
  if (invocation.has(kLabel) && !invocation.has(file))
    throw Error(ErrorCode::Usage, "--label",
                fmt::format("cannot use --label: saw no --{}, which it is for", file));
}

std::string chosen_label(const Invocation& invocation, const std::vector<std::string>& labels) {
  if (invocation.has(kLabel)) return invocation.options[kLabel].as<std::string>();
  if (labels.size() == 1) return labels.front();
  std::string names;
  for (const std::string& name : labels) names += "\n" + name;
  throw Error(ErrorCode::Usage, "--label",
              fmt::format("cannot choose a label: saw no --label, and {} labels in the file", labels.size()),
              labels.empty() ? "" : "the file has:" + names);
}

}  // namespace gpupass
