// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/slices.hpp"

/// NVIDIA's Multi-Instance GPU (MIG), as plain values: which GPU instances are wanted, where each has its
/// place on the card, and the file in which mig-parted declares them.
#pragma GCC visibility push(default)
namespace gpupass {

/// One GPU instance by its place on the card. A place is counted in the card's units of memory, as NVML and
/// nvidia-smi count it.
struct MigInstance {
  std::string profile;      ///< "3g.71gb". The same name is another shape on another card.
  unsigned profile_id = 0;  ///< What NVML and nvidia-smi call it: 9.
  unsigned start = 0;       ///< Its first unit of memory.
  unsigned size = 0;        ///< How many units it has.
  friend bool operator==(const MigInstance&, const MigInstance&) = default;
};

/// How many more instances of one profile there is room for: at least, beside all others where they are; at
/// most, if all others were placed anew.
struct MigRoom {
  std::string profile;
  unsigned profile_id = 0;
  SliceCapacity more;
  friend bool operator==(const MigRoom&, const MigRoom&) = default;
};

/// All instances that one GPU is to have.
struct MigWish {
  PciAddress gpu;
  bool enabled = true;                     ///< In MIG mode. Otherwise it is to have no instances.
  std::vector<std::string> profiles;       ///< The name of each instance's profile.
  std::vector<MigInstance> existing = {};  ///< Those that there are, by `profile` and `start`.
  std::string wanted_by = {};              ///< "all-balanced (config.yaml:12)". Empty: the user himself.
  friend bool operator==(const MigWish&, const MigWish&) = default;
};

/// How a wish comes true. Each list is ascending by `start`.
struct MigFit {
  PciAddress gpu;
  std::string card;                  ///< "H200".
  bool enabled = true;               ///< As in MigWish.
  std::vector<MigInstance> kept;     ///< They exist, and stay where they are.
  std::vector<MigInstance> removed;  ///< They exist, and go.
  std::vector<MigInstance> created;
  std::vector<MigRoom> room;  ///< Then, for each profile of the card, the largest first.
  friend bool operator==(const MigFit&, const MigFit&) = default;
};

/// Which models an entry of mig-parted's file is for.
struct MigDeviceFilter {
  std::uint16_t vendor = 0;
  std::uint16_t device = 0;
  std::optional<std::uint16_t> subsystem_vendor = {};  ///< Both or none.
  std::optional<std::uint16_t> subsystem_device = {};
  friend bool operator==(const MigDeviceFilter&, const MigDeviceFilter&) = default;
};

/// One entry of such a file: the whole configuration of each GPU that it matches.
struct MigEntry {
  std::vector<MigDeviceFilter> filters = {};              ///< Empty: every model.
  std::optional<std::vector<unsigned>> devices = {};      ///< By index. Nothing: all.
  bool enabled = false;                                   ///< Whether the GPU is to be in MIG mode.
  std::map<std::string, unsigned, std::less<>> profiles;  ///< How many of each, by name.
  std::string where = {};                                 ///< "config.yaml:12", for messages.
};

/// What mig-parted's file declares: under each label the entries, in their order.
using MigLabels = std::map<std::string, std::vector<MigEntry>, std::less<>>;

/// Reads the YAML that mig-parted reads, by its rules; `name` is the file's, for messages. @throws Error
/// Malformed, with the line, for what mig-parted refuses, and for a filter that could match nothing, a key
/// that stands twice, and an empty list.
MigLabels parse_mig_file(std::string_view yaml, const std::string& name);
/// The same as YAML. To read it again gives the same labels.
std::string to_mig_file(const MigLabels& labels);

}  // namespace gpupass
#pragma GCC visibility pop
