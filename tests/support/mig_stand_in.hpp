// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace gpupass {

/// NVIDIA's driver and one card of it, as far as MIG goes: it refuses whatever the driver refuses. Its tables
/// are written from NVIDIA's guide and nvml.h apart from those of the product, so that the two check each
/// other.
class MigStandIn {
 public:
  /// As nvmlReturn_t numbers them.
  enum class Result {
    Success = 0,
    InvalidArgument = 2,
    NotSupported = 3,
    NotFound = 6,
    ResetRequired = 16,
    InUse = 19,
    InsufficientResources = 23,
    Unknown = 999,
  };
  struct Profile {
    unsigned number = 0;  ///< NVML_GPU_INSTANCE_PROFILE_...
    unsigned id = 0;
    unsigned slices = 0;  ///< Of compute.
    unsigned size = 0;    ///< In units of memory.
    std::vector<unsigned> starts;
    unsigned most = 0;
    bool media = false;  ///< It takes the media engines that only one instance can have.
  };
  struct Compute {
    unsigned id = 0;
    unsigned start = 0;
    unsigned size = 0;
  };
  struct Instance {
    unsigned id = 0;
    unsigned profile_id = 0;
    unsigned start = 0;
    unsigned size = 0;
    std::vector<Compute> compute = {};
  };

  /// By the name of the card, "H200".
  explicit MigStandIn(const std::string& card);
  /// As print() has written it.
  static MigStandIn read(std::istream& text);
  void print(std::ostream& text) const;

  const std::vector<Profile>& profiles() const { return profiles_; }
  const std::vector<Instance>& instances() const { return instances_; }
  bool enabled() const { return enabled_; }
  bool pending() const { return pending_; }
  bool busy() const { return busy_; }
  const Profile* find_profile(unsigned id) const;
  const Instance* find(unsigned id) const;

  /// Says whether the mode is active at once.
  Result set_mode(bool on);
  /// The id of the instance is in `id` then.
  Result create(unsigned profile_id, unsigned start, unsigned size, unsigned& id);
  Result destroy(unsigned id);
  Result create_compute(unsigned instance, unsigned start, unsigned size, unsigned& id);
  Result destroy_compute(unsigned instance, unsigned id);

 private:
  bool fails();
  Instance* find_mutable(unsigned id);

  std::string card_;
  std::vector<Profile> profiles_;
  unsigned slices_ = 0;
  std::vector<Instance> instances_;
  bool enabled_ = false;
  bool pending_ = false;
  bool busy_ = false;         // A process has the GPU, and all its instances.
  bool waits_ = false;        // Its mode stays pending until a reset, as in a virtual machine.
  unsigned fails_after_ = 0;  // So many more changes work, and the next one fails. 0: all work.
};

}  // namespace gpupass
