// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The tunables of the fake kernel, as those of Linux: cpufreq.c, irq/proc.c, ksm.c and sysctl.c. systemd sets
// those of services.
#include "support/fake_tunables.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "support/fake_kernel.hpp"
#include "values/number.hpp"
#include "values/tunables.hpp"
#include "values/words.hpp"

namespace gpupass {

bool is_tunable(std::string_view path) {
  return path.ends_with("/scaling_governor") || path.ends_with("/smp_affinity_list") ||
         path == path_of({Tuning::Ksm, ""}) || path == path_of({Tuning::NumaBalancing, ""});
}

/// What is as found is not kept.
void FakeKernel::set_tunable(const std::string& path, const std::string& value) {
  if (machine_->read(path).value_or("") == value)
    tunables_.erase(path);
  else
    tunables_[path] = value;
}

int FakeKernel::store_tunable(std::string_view path, std::string_view value) {
  const std::string name(path), text(value);
  if (!machine_->read(path)) return ENOENT;
  if (path.ends_with("/scaling_governor")) {
    const std::string available =
        machine_->read(name.substr(0, name.rfind('/')) + "/scaling_available_governors").value_or("");
    const auto governors = words_of(available);
    if (std::ranges::find(governors, value) == governors.end()) return EINVAL;
  } else if (path.ends_with("/smp_affinity_list")) {
    const auto cpus = CpuSet::parse(value);
    if (!cpus || cpus->empty()) return EINVAL;
  } else if (const auto number = parse_number<unsigned>(value); !number || *number > 2) {
    return EINVAL;
  }
  set_tunable(name, text);
  return 0;
}

void FakeKernel::obey(const AllowedCpusOrder& order) {
  const std::string path = path_of({Tuning::Services, order.unit});
  require_lock(path);
  log_.push_back(fmt::format("{} = {}", path, order.cpus.to_string()));
  faults_.change("set-property", path, [&] { set_tunable(path, order.cpus.to_string()); });
}

}  // namespace gpupass
