// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/declared_options.hpp"

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/vgpu.hpp"
#include "input_file.hpp"
#include "options/label_option.hpp"

namespace gpupass {

namespace {

constexpr auto kVgpuConfig = "vgpu-config";

}  // namespace

void describe_declared_options(po::options_description& options) {
  auto add = options.add_options();
  add(kVgpuConfig, po::value<std::string>()->value_name("FILE"),
      "instead of FILE: the vGPUs of a vgpu-device-manager's file");
  describe_label_option(options, kVgpuConfig);
}

Declaration declaration(const Invocation& invocation) {
  expect_label_beside(invocation, kVgpuConfig);
  if (!invocation.has(kVgpuConfig)) {
    expect_arguments(invocation, 1, 1);
    const std::string& file = invocation.arguments.front();
    return [state = parse_state(text_of_input(file, "TOML"), name_of_input(file))](const Host&) {
      return state;
    };
  }
  if (!invocation.arguments.empty())
    throw Error(ErrorCode::Usage, "--vgpu-config",
                "cannot use --vgpu-config: saw a file that declares the host too, expected one of them");
  const auto& file = invocation.options[kVgpuConfig].as<std::string>();
  const VgpuLabels labels = parse_vgpu_file(text_of_input(file, "YAML"), name_of_input(file));
  return [labels, label = label_in(invocation, labels)](const Host& host) {
    return vgpu_state(host, labels, label);
  };
}

}  // namespace gpupass
