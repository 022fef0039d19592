// SPDX-License-Identifier: LGPL-2.1-or-later
//
// threads HOST...: what a program that links the library may do at once: each thread reads hosts through a
// System of its own, and all of them ask about the same snapshots. All threads must read the same answers.
// run.sh builds this with ThreadSanitizer.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"
#include "gpupass/system.hpp"

namespace {

using namespace gpupass;

constexpr std::size_t kThreads = 4;

struct Machine {
  std::string file;
  Host host;
};

Host read(const std::string& file) {
  SystemOptions options;
  options.root = file;
  return probe(*open_system(options), {Parts::everything(), {}});
}

template <typename Work>
std::string answer_of(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    return render_error_json(error);
  }
}

/// Every answer about the host, one behind the other.
std::string answers(const Host& host) {
  const NameLookup unnamed = [](std::uint16_t, std::uint16_t) { return PciNames{"", "a GPU"}; };
  const std::vector<Assessment> gpus = assess(host);
  std::vector<PciAddress> addresses;
  for (const Assessment& gpu : gpus)
    if (const auto function = gpu.device.function()) addresses.push_back(*function);
  Request request;
  request.name = "guest";
  request.gpu_count = 1;

  std::string all = render_list(host, gpus, unnamed) + render_list_json(host, gpus, unnamed);
  all += render_topology(host, unnamed) + render_groups_json(host, assess_groups(host));
  all += render_check(host, check(host, addresses), unnamed);
  all += answer_of([&] { return to_json(place(host, request)); });
  all += answer_of([&] { return make_definition(host, request, complete_request(request, "")).xml; });
  all += answer_of([&] { return render_plan(plan_bind(host, addresses, {addresses, {}})); });
  all += answer_of([&] { return render_plan_json(plan_release(host, addresses)); });
  return all + (host_from_json(to_json(host)) == host ? "equal" : "unlike");
}

std::string everything(const std::vector<Machine>& machines) {
  std::string all;
  for (const Machine& machine : machines)
    all += answers(machine.host) + (read(machine.file) == machine.host ? "equal" : "unlike");
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Machine> machines;
  for (int argument = 1; argument < argc; ++argument)
    machines.push_back({argv[argument], read(argv[argument])});

  std::vector<std::string> answers(kThreads);
  std::vector<std::thread> threads;
  for (std::string& answer : answers)
    threads.emplace_back([&machines, &answer] { answer = everything(machines); });
  for (std::thread& thread : threads) thread.join();

  const std::string alone = everything(machines);
  for (const std::string& answer : answers)
    if (answer != alone) {
      std::puts("FAILED: a thread read another answer");
      return 1;
    }
  std::printf("%zu threads, %zu hosts, %zu bytes of equal answers\n", kThreads, machines.size(),
              alone.size());
  return alone.find("unlike") == alone.npos ? 0 : 1;
}
