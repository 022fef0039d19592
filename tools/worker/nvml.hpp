// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "gpupass/error.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/pci.hpp"

/// NVIDIA's management library, which comes with the driver. It is looked for when it is needed: its names
/// and numbers are those of its public interface (NVML API reference, nvml.h).
namespace gpupass {

/// Results of its functions, as nvmlReturn_t numbers them.
enum class NvmlResult {
  Success = 0,
  InvalidArgument = 2,
  NotSupported = 3,
  NotFound = 6,
  InsufficientSize = 7,
  ResetRequired = 16,
  InUse = 19,
};

/// The library, opened and initialised. It holds the driver's nodes open for as long as this lives.
class Nvml {
 public:
  /// @throws Error Unavailable.
  Nvml();
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  /// Its handle of a GPU, nvmlDevice_t. @throws Error.
  void* device(PciAddress address) const;

  /// Calls a function of the library. @throws Error Unavailable: it has none of this name.
  template <typename... Arguments>
  NvmlResult call(const char* name, Arguments... arguments) const {
    return static_cast<NvmlResult>(reinterpret_cast<int (*)(Arguments...)>(symbol(name))(arguments...));
  }
  bool has(const char* name) const;
  /// @throws Error "cannot VERB: ..." with what the library says, where the call did not succeed.
  void expect(NvmlResult result, const std::string& verb) const;

 private:
  void* symbol(const char* name) const;

  std::unique_ptr<void, void (*)(void*)> library_;
};

/// What the call gives; unknown, with the reason, where it fails.
template <typename Call>
auto known_or_why(const Call& call) -> Fact<decltype(call())> {
  try {
    return call();
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

}  // namespace gpupass
