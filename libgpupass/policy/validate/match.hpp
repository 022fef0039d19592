// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "guest/model/promise.hpp"

namespace gpupass {

/// A GPU that a definition promises, and the function that a guest shows for it.
struct MatchedGpu {
  enum class Outcome {
    Found,
    Missing,
    Other,    ///< Another device stands at its place.
    Unclear,  ///< It may be there.
  };
  PromisedDevice promised;
  const PciFunction* on_host = nullptr;   ///< Of the host; nullptr: it is a mediated device, or not there.
  const PciFunction* in_guest = nullptr;  ///< Of the guest; nullptr unless it is found.
  Outcome outcome = Outcome::Unclear;
  std::string why;  ///< Why it is not found.
};

/// The GPUs among the promised devices, each with what `guest` shows for it. The way through the guest's PCI
/// buses tells them apart. Where it is not told, the ids do, as long as one device alone has them: nothing is
/// guessed. Points into both.
std::vector<MatchedGpu> match_gpus(const Host& host, const GuestPromise& promise, const Host& guest);

/// The same of a guest that tells nothing.
std::vector<MatchedGpu> promised_gpus(const Host& host, const GuestPromise& promise);

}  // namespace gpupass
