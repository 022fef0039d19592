// SPDX-License-Identifier: LGPL-2.1-or-later
//
// place_speed HOST GPUS [FACTOR]: what one placement of that many GPUs costs, in microseconds.
//
// With a factor it fails where placing costs more than FACTOR times what probing the same host costs, from
// memory and in the same run: a measure that is as slow as the machine is.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <iterator>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/system.hpp"

namespace {

using namespace gpupass;

constexpr int kRuns = 101;

template <typename Work>
double microseconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

/// @throws Error Usage.
template <typename Number>
Number number(const char* text) {
  Number value{};
  const char* end = text + std::strlen(text);
  if (const auto [stop, error] = std::from_chars(text, end, value); error != std::errc() || stop != end)
    throw Error(ErrorCode::Usage, text, fmt::format("cannot read {}: saw no number, expected one", text));
  return value;
}

int measure(const char* host_file, unsigned gpus, double factor) {
  SystemOptions options;
  options.root = host_file;
  const auto system = open_system(options);
  const ProbeOptions everything{Parts::everything(), {}};
  const Host host = probe(*system, everything);
  Request request;
  request.gpu_count = gpus;

  std::vector<double> placing;
  std::vector<double> probing;
  for (int run = 0; run < kRuns; ++run) {  // By turns: what else the machine does hurts both alike.
    placing.push_back(microseconds([&] { place(host, request); }));
    probing.push_back(microseconds([&] { probe(*system, everything); }));
  }
  fmt::print("place {} of the GPUs: {:.0f} us; probe: {:.0f} us\n", gpus, median(placing), median(probing));
  return factor > 0 && median(placing) > factor * median(probing) ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 4) {
    fmt::print(stderr, "usage: place_speed HOST GPUS [FACTOR]\n");
    return 2;
  }
  try {
    return measure(arguments[1], number<unsigned>(arguments[2]),
                   count > 3 ? number<double>(arguments[3]) : 0);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
