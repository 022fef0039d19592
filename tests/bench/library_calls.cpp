// SPDX-License-Identifier: LGPL-2.1-or-later
//
// library_calls HOST CALL TIMES: makes one call of the library that often, for instructions.py, which counts.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/system.hpp"

int main(int count, char** arguments) {
  using namespace gpupass;
  if (count != 4) return 2;
  try {
    SystemOptions options;
    options.root = arguments[1];
    const auto system = open_system(options);
    const ProbeOptions everything{Parts::everything(), {}};
    const Host host = probe(*system, everything);
    Request request;
    request.name = "guest";
    request.gpu_count = 4;
    std::vector<PciAddress> gpus;
    for (const DeviceId gpu : place(host, request).gpus) gpus.push_back(gpu.function().value());
    const std::map<std::string, std::function<void()>> calls = {
        {"probe", [&] { probe(*system, everything); }},
        {"place", [&] { place(host, request); }},
        {"plan_bind", [&] { plan_bind(host, gpus); }},
        {"make_definition", [&] { make_definition(host, request, request, Base()); }},
    };
    const auto& call = calls.at(arguments[2]);
    for (int left = std::atoi(arguments[3]); left > 0; --left) call();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
