// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/device.hpp"
#include "gpupass/host.hpp"
#include "gpupass/slices.hpp"

/// What drivers make by type: vGPUs and mediated devices.
namespace gpupass {

/// One that is there.
struct TypedSlice {
  SliceKind kind = SliceKind::Mediated;
  std::string type;  ///< Its id: "nvidia-474", "1145".
  DeviceId device;   ///< Of a vGPU its virtual function.
  friend bool operator==(const TypedSlice&, const TypedSlice&) = default;
};
/// Those of a GPU and its virtual functions, ascending by device. Absent: its driver makes none.
Fact<std::vector<TypedSlice>> typed_slices(const Host& host, const PciFunction& gpu);

/// A type that a GPU's driver tells of.
struct KnownType {
  SliceKind kind = SliceKind::Mediated;
  std::string id;
  std::string name;  ///< Empty: the driver gives none now.
  friend bool operator==(const KnownType&, const KnownType&) = default;
};
/// Of mediated devices all; of vGPUs those that can be made now, and those that there are.
std::vector<KnownType> known_types(const Host& host, const PciFunction& gpu);

/// What this card's driver calls so, by an id or a name. Absent: it has no such type. Unknown: NVIDIA's
/// driver lists only what it can make now, so a name that is in use may be missing.
Fact<KnownType> type_called(const Host& host, const PciFunction& gpu, const std::string& asked);

}  // namespace gpupass
