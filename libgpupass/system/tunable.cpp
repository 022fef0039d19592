// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/tunable.hpp"

#include "values/tunables.hpp"

namespace gpupass {

/// A unit of systemd has no such file where nothing sets its CPUs.
Fact<std::string> value_of(const Files& files, const Tunable& tunable) {
  Fact<std::string> value = files.read(path_of(tunable));
  if (tunable.kind != Tuning::Services || value.unknown()) return value;
  return allowed_cpus(value.value_or(""), files.read(kOnlineCpus).value_or(""));
}

}  // namespace gpupass
