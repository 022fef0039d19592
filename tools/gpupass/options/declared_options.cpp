// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/declared_options.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/vgpu.hpp"
#include "input_file.hpp"
#include "options/label_option.hpp"

namespace gpupass {

namespace {

constexpr auto kMigFile = "mig-config", kVgpuFile = "vgpu-config";

/// A file with labels, each of which is a state of a host.
template <typename Parse, typename StateOf>
Declaration labelled(const Invocation& invocation, const char* option, Parse parse, StateOf state_of_label,
                     Parts parts) {
  if (!invocation.arguments.empty())
    throw Error(
        ErrorCode::Usage, fmt::format("--{}", option),
        fmt::format("cannot use --{}: saw a file that declares the host too, expected one of them", option));
  const auto& file = invocation.options[option].template as<std::string>();
  const auto labels = parse(text_of_input(file, "YAML"), name_of_input(file));
  return {[labels, label = label_in(invocation, labels), state_of_label](const Host& host) {
            return state_of_label(host, labels, label);
          },
          parts};
}

}  // namespace

void describe_declared_options(po::options_description& options) {
  auto add = options.add_options();
  add(kMigFile, po::value<std::string>()->value_name("FILE"),
      "instead of FILE: the MIG instances in a file of mig-parted");
  add(kVgpuFile, po::value<std::string>()->value_name("FILE"),
      "instead of FILE: the vGPUs in a file of vgpu-device-manager");
  describe_label_option(options, "mig-config or --vgpu-config");
}

Declaration declaration(const Invocation& invocation) {
  const bool mig = invocation.has(kMigFile), vgpus = invocation.has(kVgpuFile);
  if (mig && vgpus)
    throw Error(ErrorCode::Usage, "--mig-config",
                "cannot use --mig-config: saw --vgpu-config too, expected one of them");
  if (mig) return labelled(invocation, kMigFile, parse_mig_file, mig_state, {.mig = true});
  if (vgpus) return labelled(invocation, kVgpuFile, parse_vgpu_file, vgpu_state, {});
  expect_label_beside(invocation, kVgpuFile);
  expect_arguments(invocation, 1, 1);
  const std::string& file = invocation.arguments.front();
  const State state = parse_state(text_of_input(file, "TOML"), name_of_input(file));
  return {[state](const Host&) { return state; }, parts_of(state)};
}

}  // namespace gpupass
