// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/validate/rules.hpp"
#include "values/link.hpp"

namespace gpupass {

namespace {

// Of a bandwidth that was measured before on the same host.
constexpr double kAsBefore = 0.95;
constexpr double kTooSlow = 0.80;

constexpr const char* kIfMeant = "if this is meant, gpupass validate --record FILE takes a new baseline";

const SeenGpu* find_gpu(const Baseline& baseline, PciAddress address) {
  const auto found = std::ranges::find(baseline.gpus, address, &SeenGpu::address);
  return found != baseline.gpus.end() ? &*found : nullptr;
}

const Bandwidth* find_bandwidth(const Fact<std::vector<Bandwidth>>& all, const PciFunction* in_guest) {
  if (!all || !in_guest) return nullptr;
  const auto found = std::ranges::find(*all, in_guest->address, &Bandwidth::address);
  return found != all->end() ? &*found : nullptr;
}

Fact<std::string> driver_version(const Validation& check, const PciFunction& in_guest) {
  const auto& gpus = check.guest.nvidia_gpus;
  if (!gpus) return gpus.without_value<std::string>();
  const auto row = std::ranges::find(*gpus, in_guest.address, &NvidiaGpu::address);
  return row != gpus->end() ? Fact<std::string>(row->driver_version) : Absent{};
}

SeenGpu seen_gpu(const Validation& check, const MatchedGpu& gpu) {
  SeenGpu seen;
  seen.address = gpu.on_host->address;
  seen.vendor = gpu.on_host->vendor;
  seen.device = gpu.on_host->device;
  if (!gpu.in_guest) {
    const std::string why = check.machine ? gpu.why : check.machine.why();
    const bool missing = check.machine && gpu.outcome != MatchedGpu::Outcome::Unclear;
    seen.in_guest = missing ? Fact<PciAddress>(Absent{}) : Unknown{why};
    return seen;
  }
  seen.in_guest = gpu.in_guest->address;
  seen.node = nearest_numa_node(*check.machine, *gpu.in_guest);
  seen.link = gpu.in_guest->link;
  seen.driver = gpu.in_guest->driver;
  seen.driver_version = driver_version(check, *gpu.in_guest);
  if (const Bandwidth* bandwidth = find_bandwidth(check.guest.bandwidths, gpu.in_guest)) {
    seen.to_gpu = bandwidth->to_gpu;
    seen.from_gpu = bandwidth->from_gpu;
  }
  return seen;
}

/// What the smaller of two ratios comes to.
Verdict verdict_of(double ratio) {
  if (ratio < kTooSlow) return Verdict::Fail;
  return ratio < kAsBefore ? Verdict::Warn : Verdict::Pass;
}

void judge_bandwidth(Validation& check, const std::string& name, const Bandwidth& now,
                     const SeenGpu* before) {
  const std::string rates =
      fmt::format("{:.1f} GB/s to {} and {:.1f} GB/s from it", now.to_gpu, name, now.from_gpu);
  if (!before || !before->to_gpu || !before->from_gpu || *before->to_gpu <= 0 || *before->from_gpu <= 0)
    return check.add("guest.bandwidth", Verdict::Pass, name,
                     fmt::format("the guest has {}; there is no baseline", rates));
  const double ratio = std::min(now.to_gpu / *before->to_gpu, now.from_gpu / *before->from_gpu);
  const Verdict verdict = verdict_of(ratio);
  check.add("guest.bandwidth", verdict, name,
            fmt::format("the guest has {}: {:.0f} % of the baseline", rates, ratio * 100),
            verdict == Verdict::Pass
                ? ""
                : fmt::format("gpupass check --domain {} tells whether vCPUs and memory are near to the GPU",
                              check.domain.name));
}

/// A fact that only one of them has is no difference.
template <typename T>
bool differ(const Fact<T>& now, const Fact<T>& then) {
  const bool both = (now.known() || now.absent()) && (then.known() || then.absent());
  return both && now != then;
}

/// Empty: none.
std::string gpu_difference(const SeenGpu& now, const SeenGpu& then) {
  if (differ(now.vendor, then.vendor) || differ(now.device, then.device))
    return "is another model than it was";
  if (now.link && then.link && now.link->width > 0 && now.link->width < then.link->width)
    return fmt::format("has {} lanes, and had {}", now.link->width, then.link->width);
  if (now.link && then.link && now.link->max_speed_gts > 0 &&
      now.link->max_speed_gts < then.link->max_speed_gts)
    return fmt::format("could be linked at {}, and now at {}", link_best(then.link), link_best(now.link));
  if (differ(now.driver, then.driver))
    return fmt::format("has the driver {}, and had {}", now.driver.value_or("none"),
                       then.driver.value_or("none"));
  if (now.driver_version && differ(now.driver_version, then.driver_version))
    return fmt::format("has the driver {}, and had {}", *now.driver_version,
                       then.driver_version.value_or("none"));
  return {};
}

}  // namespace

void validate_bandwidths(Validation& check, const std::optional<Baseline>& baseline) {
  const auto& measured = check.guest.bandwidths;
  if (!measured.asked()) return;
  for (const MatchedGpu& gpu : check.gpus) {
    const std::string name = gpu.promised.device.to_string();
    const auto* now = find_bandwidth(measured, gpu.in_guest);
    if (now && gpu.on_host) {
      judge_bandwidth(check, name, *now, baseline ? find_gpu(*baseline, gpu.on_host->address) : nullptr);
      continue;
    }
    const std::string why = measured.absent()    ? "it has no nvbandwidth, or no nvidia-smi"
                            : measured.unknown() ? measured.why()
                                                 : "nvbandwidth tells nothing of it";
    check.add("guest.bandwidth", Verdict::Unknown, name,
              fmt::format("the bandwidth of {} in the guest is not known: {}", name, why),
              measured.absent() ? "install nvbandwidth and NVIDIA's driver in the guest" : "");
  }
}

void validate_baseline(Validation& check, const Baseline& baseline) {
  const Baseline now = seen_by(check);
  bool same = true;
  const auto tell = [&](Verdict verdict, PciAddress gpu, const std::string& message) {
    same = false;
    check.add("guest.baseline", verdict, gpu.to_string(), message, kIfMeant);
  };
  for (const SeenGpu& then : baseline.gpus) {
    const std::string name = then.address.to_string();
    const SeenGpu* gpu = find_gpu(now, then.address);
    if (!gpu && baseline.domain == check.domain.name)
      tell(Verdict::Fail, then.address,
           fmt::format("{} had {}, and has it no longer", baseline.domain, name));
    const std::string what = gpu ? gpu_difference(*gpu, then) : "";
    if (!what.empty()) tell(Verdict::Warn, then.address, fmt::format("{} {} in the guest", name, what));
  }
  if (!same) return;
  const std::string& name = check.domain.name;
  if (!check.machine)
    check.add("guest.baseline", Verdict::Unknown, name,
              fmt::format("{} cannot be compared with its baseline: {}", name, check.machine.why()));
  else
    check.add("guest.baseline", Verdict::Pass, name, fmt::format("{} is as its baseline", name));
}

Baseline seen_by(const Validation& check) {
  Baseline seen{.domain = check.domain.name, .gpus = {}};
  for (const MatchedGpu& gpu : check.gpus)
    if (gpu.on_host) seen.gpus.push_back(seen_gpu(check, gpu));
  std::ranges::sort(seen.gpus, {}, &SeenGpu::address);
  return seen;
}

}  // namespace gpupass
