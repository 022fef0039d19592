// SPDX-License-Identifier: GPL-2.0-or-later
#include "libvirt.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

/// Never closed: libvirt has threads. Most functions of the libraries that it brings are never called, so
/// they are looked up when they are.
void* open_libvirt() {
  void* library = dlopen("libvirt.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw Error(ErrorCode::Unavailable, "libvirt", fmt::format("cannot use libvirt: {}", dlerror()),
                "install the package of libvirt's library, libvirt0");
  return library;
}

}  // namespace

void* libvirt_function(const char* name) {
  static void* const library = open_libvirt();
  void* function = dlsym(library, name);
  if (!function)
    throw Error(ErrorCode::Unavailable, "libvirt",
                fmt::format("cannot use libvirt: it has no function {}", name));
  return function;
}

}  // namespace gpupass
