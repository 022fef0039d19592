// SPDX-License-Identifier: GPL-2.0-or-later
//
// NVIDIA's persistence mode, through the management library that comes with the driver. The library is looked
// for when it is needed: its names and numbers are those of its public interface (NVML API reference,
// nvml.h).

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>

#include "gpupass/error.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

/// The library, opened and initialised. It holds the driver's nodes open for as long as this lives.
class Nvml {
 public:
  Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL), &close) {
    if (!library_)
      throw Error(ErrorCode::Unavailable, "NVML", fmt::format("cannot use NVML: {}", dlerror()),
                  "install the package of the driver that has libnvidia-ml.so.1");
    expect(function<int()>("nvmlInit_v2")(), "initialise NVML");
  }
  ~Nvml() { function<int()>("nvmlShutdown")(); }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool persistence(PciAddress address) const {
    int mode = 0;
    expect(function<int(void*, int*)>("nvmlDeviceGetPersistenceMode")(device(address), &mode),
           "read the persistence mode");
    return mode != 0;
  }
  void set_persistence(PciAddress address, bool on) const {
    expect(function<int(void*, int)>("nvmlDeviceSetPersistenceMode")(device(address), on ? 1 : 0),
           "set the persistence mode");
  }

 private:
  static void close(void* library) {
    if (library) dlclose(library);
  }

  template <typename Signature>
  Signature* function(const char* name) const {
    void* symbol = dlsym(library_.get(), name);
    if (!symbol)
      throw Error(ErrorCode::Unavailable, "NVML", fmt::format("cannot use NVML: it has no {}", name));
    return reinterpret_cast<Signature*>(symbol);
  }

  void expect(int result, const char* verb) const {
    if (result == 0) return;  // NVML_SUCCESS
    throw Error(ErrorCode::System, "NVML",
                fmt::format("cannot {}: {}", verb, function<const char*(int)>("nvmlErrorString")(result)));
  }

  void* device(PciAddress address) const {
    void* handle = nullptr;
    const std::string name = address.to_string();
    expect(function<int(const char*, void**)>("nvmlDeviceGetHandleByPciBusId_v2")(name.c_str(), &handle),
           "find the GPU");
    return handle;
  }

  std::unique_ptr<void, void (*)(void*)> library_;
};

}  // namespace

Fact<std::vector<PersistenceMode>> answer(const PersistenceQuestion& question) {
  const Nvml nvml;
  std::vector<PersistenceMode> modes;
  for (const PciAddress device : question.devices) {
    try {
      modes.push_back({device, nvml.persistence(device)});
    } catch (const Error& error) {
      modes.push_back({device, Unknown{error.what()}});
    }
  }
  return modes;
}

void carry_out(const PersistenceOrder& order) {
  Nvml().set_persistence(order.device, order.on);
}

}  // namespace gpupass
