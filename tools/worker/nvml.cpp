// SPDX-License-Identifier: GPL-2.0-or-later
#include "nvml.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

void close_nvml(void* library) {
  if (library) dlclose(library);
}

/// What may help where the library refuses.
std::string nvml_hint(NvmlResult result) {
  if (result == NvmlResult::InUse)
    return "end what has the GPU open, such as nvidia-persistenced, DCGM and Xorg, and try again";
  if (result == NvmlResult::ResetRequired)
    return "reset the GPU by nvidia-smi --gpu-reset; a virtual machine with the GPU must be restarted";
  return {};
}

}  // namespace

Nvml::Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL), &close_nvml) {
  if (!library_)
    throw Error(ErrorCode::Unavailable, "NVML", fmt::format("cannot use NVML: {}", dlerror()),
                "install the package of the driver that has libnvidia-ml.so.1");
  expect(call("nvmlInit_v2"), "initialise NVML");
}

Nvml::~Nvml() {
  call("nvmlShutdown");
}

void* Nvml::device(PciAddress address) const {
  void* handle = nullptr;
  const std::string name = address.to_string();
  expect(call<const char*, void**>("nvmlDeviceGetHandleByPciBusId_v2", name.c_str(), &handle),
         "find the GPU");
  return handle;
}

bool Nvml::has(const char* name) const {
  return dlsym(library_.get(), name) != nullptr;
}

void Nvml::expect(NvmlResult result, const std::string& verb) const {
  if (result == NvmlResult::Success) return;
  const auto words = reinterpret_cast<const char* (*)(int)>(symbol("nvmlErrorString"));
  throw Error(ErrorCode::System, "NVML", fmt::format("cannot {}: {}", verb, words(static_cast<int>(result))),
              nvml_hint(result));
}

void* Nvml::symbol(const char* name) const {
  void* found = dlsym(library_.get(), name);
  if (!found) throw Error(ErrorCode::Unavailable, "NVML", fmt::format("cannot use NVML: it has no {}", name));
  return found;
}

}  // namespace gpupass
