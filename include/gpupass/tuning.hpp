// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/pci.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// What of a host is tuned while guests with GPUs run, and as found when none does.
enum class Tuning {
  Governor,       ///< The CPUs of the guests keep their highest speed.
  Interrupts,     ///< Those of the guests' devices come to the guests' CPUs.
  Ksm,            ///< The kernel merges no equal pages of memory.
  NumaBalancing,  ///< The kernel moves no pages and tasks between NUMA nodes.
  Services,       ///< Services and users of the host stay off the CPUs of the guests.
};
/// "governor", "interrupts", "ksm", "numa-balancing", "services".
std::string_view to_string(Tuning tuning);

/// A setting of the running host that tuning changes. The next boot forgets it.
struct Tunable {
  Tuning kind = Tuning::Governor;
  /// "policy4" of the governors; the number of an interrupt; "system.slice" of services; otherwise empty.
  std::string name;
  friend auto operator<=>(const Tunable&, const Tunable&) = default;
};

/// A tunable as it is now.
struct TunableState {
  Tunable tunable;
  std::string value;  ///< In the kernel's words: "powersave", "0-7", "1". Of services empty: any CPU.
  CpuSet cpus = {};   ///< Of a governor: whose it is.
  std::optional<PciAddress> device = {};  ///< Of an interrupt: whose it is.
  friend bool operator==(const TunableState&, const TunableState&) = default;
};

/// A guest for which the host is tuned.
struct TunedGuest {
  std::string name;
  CpuSet cpus;                      ///< Those that its vCPUs are pinned to.
  std::vector<PciAddress> devices;  ///< Ascending.
  friend bool operator==(const TunedGuest&, const TunedGuest&) = default;
};

/// A tunable that gpupass has set.
struct TunedSetting {
  Tunable tunable;
  std::string found;  ///< What it goes back to.
  std::string set;
  friend bool operator==(const TunedSetting&, const TunedSetting&) = default;
};

/// What is tuned since the boot, and for whom.
struct Tuned {
  std::vector<TunedGuest> guests;      ///< Ascending by name.
  std::vector<TunedSetting> settings;  ///< Ascending by tunable.
  friend bool operator==(const Tuned&, const Tuned&) = default;
};

}  // namespace gpupass
#pragma GCC visibility pop
