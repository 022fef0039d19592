// SPDX-License-Identifier: LGPL-2.1-or-later
// What apply() takes beside the same writes made one after the other: bench_apply GPU RUNS MOST. Binds and
// releases the GPU by turns with the one and with the other, prints the medians, and fails when apply() takes
// more than MOST times as long. What comes before apply(), looking at the machine and deciding, is not in it;
// the start of the worker that writes, the locks, the journal and all reading back are.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"

namespace {

using namespace gpupass;
using Planner = Plan (*)(const Host&, const std::vector<PciAddress>&);

Plan bind_it(const Host& host, const std::vector<PciAddress>& gpus) {
  return plan_bind(host, gpus);
}

using Milliseconds = std::chrono::duration<double, std::milli>;

struct Times {
  std::vector<double> apply, raw;
};

double median(std::vector<double> times) {
  std::ranges::sort(times);
  const std::size_t half = times.size() / 2;
  return times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2;
}

template <typename Work>
double milliseconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return Milliseconds(std::chrono::steady_clock::now() - start).count();
}

void write_raw(const std::string& path, const std::string& value) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
    std::perror(path.c_str());
    std::exit(1);
  }
  close(file);
}

/// The writes that the plan's changes come to, by what each step finds and what it leaves.
void perform_raw(const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (const auto* d3cold = std::get_if<SetD3cold>(&step.change))
      write_raw("/sys/bus/pci/devices/" + d3cold->device.to_string() + "/d3cold_allowed",
                d3cold->allowed ? "1" : "0");
    const auto* change = std::get_if<SetDriver>(&step.change);
    if (!change) continue;
    const DriverState& before = std::get<SetDriver>(*step.undo).state;
    const DriverState& after = change->state;
    const std::string device = change->device.to_string(), folder = "/sys/bus/pci/devices/" + device;
    std::string name = before.driver_override;
    const auto set_override = [&](const std::string& wanted) {
      if (name != wanted) write_raw(folder + "/driver_override", wanted.empty() ? "\n" : wanted);
      name = wanted;
    };
    if (before.driver != after.driver) {
      set_override(after.driver.empty() ? after.driver_override : after.driver);
      if (!before.driver.empty()) write_raw(folder + "/driver/unbind", device);
      if (!after.driver.empty()) write_raw("/sys/bus/pci/drivers/" + after.driver + "/bind", device);
    }
    set_override(after.driver_override);
  }
}

/// udev is busy for a while after each change of a driver, and would be in the way of whoever comes next.
void let_udev_finish() {
  while (access("/run/udev/queue", F_OK) == 0) usleep(10'000);
}

/// As a process of gpupass does it: with a door, a look and a worker of its own. Both ways are timed after
/// the same.
struct Turn {
  Turn(PciAddress gpu, Planner planner)
      : system(open_system({})),
        plan(planner(probe(*system, {.parts = needs(Verb::Bind) | needs(Verb::Release), .named = {gpu}}),
                     {gpu})) {
    let_udev_finish();
  }

  void apply(std::vector<double>& times) {
    Report report;
    times.push_back(milliseconds([&] { report = gpupass::apply(*system, plan); }));
    if (report.outcome != Outcome::Done) throw Error(ErrorCode::System, "bench", "cannot apply the plan");
  }

  std::unique_ptr<System> system;
  Plan plan;
};

bool report(const char* what, const Times& times, double most) {
  const double applied = median(times.apply), raw = median(times.raw);
  std::printf("%s: %.1f ms in apply, %.1f ms raw, %.2f times\n", what, applied, raw, applied / raw);
  return applied <= most * raw;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return 2;
  const PciAddress gpu = PciAddress::parse(argv[1]).value();
  const int runs = std::atoi(argv[2]);
  const double most = std::atof(argv[3]);
  Times bind, release;
  for (int run = 0; run < runs; ++run) {
    Turn(gpu, bind_it).apply(bind.apply);
    Turn back(gpu, plan_release);  // What is recorded of home is the same in all turns.
    back.apply(release.apply);
    const Turn bind_raw(gpu, bind_it);
    bind.raw.push_back(milliseconds([&] { perform_raw(bind_raw.plan); }));
    const Turn as_before_release(gpu, plan_release);
    release.raw.push_back(milliseconds([&] { perform_raw(back.plan); }));
  }
  const bool fast = report("bind", bind, most);
  return report("release", release, most) && fast ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_apply: %s\n", error.what());
  return 1;
}
