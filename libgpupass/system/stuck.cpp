// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/stuck.hpp"

#include "values/lock_names.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

bool is_stuck(const Files& files, PciAddress device) {
  return files.is_writing(lock_of_device(device)).value_or(true) ||
         files.read_guarded(sysfs_path(device, "driver_override")).unknown();
}

}  // namespace gpupass
