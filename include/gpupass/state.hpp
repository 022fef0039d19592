// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/preparation.hpp"
#include "gpupass/settings.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Who is to have a GPU.
enum class GpuUse {
  Host,   ///< A driver of the host, or none.
  Whole,  ///< Guests, as a whole: it is on vfio-pci with all that moves with it.
};
/// "host", "whole".
std::string_view to_string(GpuUse use);

/// What is declared of one GPU.
struct DeclaredGpu {
  /// How the file names it: "0000:65:00.0", "serial:48b02d0000a1b2c3", "uuid:GPU-7c5b8f0e-...".
  std::string key;
  Identity identity;          ///< What it must be, as far as that is declared.
  std::optional<GpuUse> use;  ///< nullopt: whoever has it.
  std::optional<bool> boot;   ///< Whether each boot binds it early. nullopt: as it is.
  std::string name;           ///< Empty: it has none.
  std::string where;          ///< "node.toml:12:1", for messages. Empty: it is from no file.
  friend bool operator==(const DeclaredGpu&, const DeclaredGpu&) = default;
};

/// What a host is declared to be. GPUs that are not listed stay as they are.
struct State {
  std::vector<DeclaredGpu> gpus;  ///< In the order of the file.
  CpuSet reserved_cpus;
  std::vector<std::string> stop;
  RequestDefaults defaults;
  std::optional<Preparation> preparation;  ///< nullopt: as it is.
  std::vector<Tuning> tune = {};           ///< Ascending.
  friend bool operator==(const State&, const State&) = default;
};

/// Reads a file as gpupass.conf(5) describes it. `name` is for messages.
/// @throws Error Malformed, with the line and the column, for what is no TOML, an unknown key or a value that
/// does not fit.
State parse_state(std::string_view toml, const std::string& name);

/// The file that says this, in one order and spelling.
std::string to_toml(const State& state);

}  // namespace gpupass
#pragma GCC visibility pop
