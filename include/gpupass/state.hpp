// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/device.hpp"
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

/// The slices of one type that a GPU is declared to have.
struct DeclaredType {
  std::string type;     ///< As the user calls it: "L40S-4Q", "1145", "nvidia-222".
  std::string id = {};  ///< Its id, where `type` is its name. Empty: what this card's driver calls so.
  unsigned count = 0;   ///< How many there are in all.
  /// Which: mediated devices by their UUIDs, vGPUs by their virtual functions; ascending, `count` of them.
  /// Empty: any.
  std::vector<DeviceId> slices = {};
  std::string where = {};  ///< As that of the GPU.
  friend bool operator==(const DeclaredType&, const DeclaredType&) = default;
};

/// The instances of MIG that a GPU is declared to have.
struct DeclaredMig {
  bool enabled = false;                                   ///< In MIG mode. Otherwise it has no instances.
  std::map<std::string, unsigned, std::less<>> profiles;  ///< How many of each, by name: no others.
  std::string where = {};                                 ///< As that of the GPU.
  friend bool operator==(const DeclaredMig&, const DeclaredMig&) = default;
};

/// What a GPU is declared to be cut into. What is not said stays as it is.
struct DeclaredSlices {
  std::optional<DeclaredMig> mig = {};             ///< Made after virtual functions, before types.
  std::optional<unsigned> vfs;                     ///< How many virtual functions.
  std::optional<GpuUse> use;                       ///< Of all its virtual functions.
  std::optional<std::vector<DeclaredType>> types;  ///< All that there are to be, ascending by type.
  std::optional<bool> boot;                        ///< Whether each boot makes them. nullopt: it does.
  std::string where = {};                          ///< As that of the GPU.
  friend bool operator==(const DeclaredSlices&, const DeclaredSlices&) = default;
};

/// What is declared of one GPU.
struct DeclaredGpu {
  /// How the file names it: "0000:65:00.0", "serial:48b02d0000a1b2c3", "uuid:GPU-7c5b8f0e-...".
  std::string key;
  Identity identity;                          ///< What it must be, as far as that is declared.
  std::optional<GpuUse> use;                  ///< nullopt: whoever has it.
  std::optional<bool> boot;                   ///< Whether each boot binds it early. nullopt: as it is.
  std::string name;                           ///< Empty: it has none.
  std::optional<DeclaredSlices> slices = {};  ///< nullopt: as they are.
  std::string where;                          ///< "node.toml:12:1", for messages. Empty: it is from no file.
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
