// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/device.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/pci.hpp"

/// What policy says of the slices of a GPU, as plain values.
#pragma GCC visibility push(default)
namespace gpupass {

/// By which of the kernel's ways a slice is made.
enum class SliceKind {
  VirtualFunction,  ///< By SR-IOV: a PCI function of its own.
  Mediated,         ///< A mediated device, with a UUID.
  Vgpu,             ///< A virtual function to which NVIDIA's own VFIO driver gave a type.
  Mig,              ///< A GPU instance of NVIDIA's MIG: no device, so no guest can have it by itself.
};
/// "vf", "mdev", "vgpu", "mig".
std::string_view to_string(SliceKind kind);

/// How many more slices can be made now. Slices share the GPU's memory, so one that is made may take the room
/// of others: `least` is certain, `most` is what the neighbours leave at best.
struct SliceCapacity {
  unsigned least = 0;
  unsigned most = 0;
  friend bool operator==(const SliceCapacity&, const SliceCapacity&) = default;
};

/// One type of slice that a GPU can be cut into.
struct SliceType {
  SliceKind kind = SliceKind::VirtualFunction;
  /// "nvidia-474", "1145", the profile "3g.71gb"; empty: a virtual function, which has no types.
  std::string type;
  Fact<std::string> name;         ///< "NVIDIA L40S-1B". Absent: the driver gives none, as with the two below.
  Fact<std::string> description;  ///< In one line.
  Fact<std::string> device_api;   ///< "vfio-pci".
  Fact<unsigned> existing;        ///< Slices of it that there are.
  Fact<SliceCapacity> capacity;
  friend bool operator==(const SliceType&, const SliceType&) = default;
};

/// One slice that exists. A virtual function that carries vGPUs is there twice: as the function, and, once it
/// has a type, as the vGPU.
struct Slice {
  SliceKind kind = SliceKind::VirtualFunction;
  DeviceId device;                     ///< Of a vGPU the virtual function: it has no other name.
  PciAddress parent;                   ///< The function that it is cut from.
  std::string type;                    ///< As in SliceType.
  Fact<std::string> driver;            ///< Of a virtual function. Absent: none is bound.
  Fact<std::uint32_t> iommu_group;     ///< Of a virtual function. Absent: it has none.
  Fact<GpuState> state;                ///< Of a virtual function.
  Answer in_use = Answer::Unknown;     ///< Whether a guest, or a process, has it now.
  std::string domain;                  ///< The guest that has it; empty: none, or that is not known.
  std::vector<std::string> wanted_by;  ///< Guests whose definition names it.
  Fact<bool> at_boot = Absent{};       ///< mdevctl makes it at every boot. Absent: it is no mediated device.
  friend bool operator==(const Slice&, const Slice&) = default;
};

/// A GPU instance of MIG that exists. It is no device: its place on the card tells it from the others.
struct MigSlice {
  std::string profile;  ///< "3g.71gb"; "profile 9" where gpupass does not know the card's.
  MigGpuInstance instance;
  Answer in_use = Answer::Unknown;  ///< Whether a process computes on it now.
  friend bool operator==(const MigSlice&, const MigSlice&) = default;
};

/// MIG of one GPU.
struct MigAssessment {
  bool enabled = false;  ///< As Mig has these two.
  bool pending = false;
  std::vector<MigSlice> instances;  ///< Ascending by their place.
  friend bool operator==(const MigAssessment&, const MigAssessment&) = default;
};

/// What one function can be cut into, and is.
struct SliceAssessment {
  PciAddress gpu;
  Fact<Sriov> sriov;             ///< Absent: it has no SR-IOV.
  Fact<bool> drivers_autoprobe;  ///< As Slicing has them.
  Fact<bool> sriov_admin;
  std::vector<SliceType> types;  ///< Ascending by kind and type.
  std::vector<Slice> slices;     ///< Ascending by kind and device.
  std::string how;               ///< By what its virtual functions are made, if not by plan_slice_create().
  Fact<MigAssessment> mig = {};  ///< Absent: it can have none, or NVIDIA's driver does not have it.
  std::vector<std::string> unknown;  ///< What of all this is not known, and why, each in one line.
  friend bool operator==(const SliceAssessment&, const SliceAssessment&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
