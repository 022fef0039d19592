// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the address and NUMA node of each GPU that could be given to a guest now.
//     g++ -std=c++20 free_gpus.cpp $(pkg-config --cflags --libs gpupass) && ./a.out
#include <gpupass/error.hpp>
#include <gpupass/policy.hpp>
#include <gpupass/probe.hpp>
#include <iostream>

int main(int argc, char** argv) try {
  gpupass::SystemOptions where;
  if (argc > 1) where.root = argv[1];
  const auto system = gpupass::open_system(where);
  const gpupass::Host host =
      gpupass::probe(*system, {.parts = gpupass::needs(gpupass::Verb::List), .named = {}});

  for (const gpupass::Assessment& gpu : gpupass::assess(host)) {
    if (gpu.assignable != gpupass::Answer::Yes || !gpu.domain.empty()) continue;
    const auto node = gpupass::nearest_numa_node(host, *gpupass::find_function(host, gpu.device));
    std::cout << gpu.device.to_string() << " node " << (node ? std::to_string(*node) : "unknown") << '\n';
  }
} catch (const gpupass::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
