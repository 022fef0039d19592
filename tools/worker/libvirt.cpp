// SPDX-License-Identifier: GPL-2.0-or-later
#include "libvirt.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

/// Never closed: libvirt has threads. Most functions of the libraries that it brings are never called, so
/// they are looked up when they are.
void* open_library(const char* file) {
  void* library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw Error(ErrorCode::Unavailable, "libvirt", fmt::format("cannot use libvirt: {}", dlerror()),
                "install the package of libvirt's library, libvirt0");
  return library;
}

void* function_in(void* library, const char* name) {
  void* function = dlsym(library, name);
  if (!function)
    throw Error(ErrorCode::Unavailable, "libvirt",
                fmt::format("cannot use libvirt: it has no function {}", name));
  return function;
}

}  // namespace

void* libvirt_function(const char* name) {
  static void* const library = open_library("libvirt.so.0");
  return function_in(library, name);
}

void* libvirt_qemu_function(const char* name) {
  static void* const library = open_library("libvirt-qemu.so.0");
  return function_in(library, name);
}

}  // namespace gpupass
