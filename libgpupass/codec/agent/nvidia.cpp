// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/agent/nvidia.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "codec/document.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

constexpr std::size_t kMostGpus = 256;  // One for each bus.
constexpr std::size_t kLongestVersion = 32;
constexpr double kMostGigabytes = 1e6;  // A second. No link comes near it.

bool is_version(std::string_view text) {
  return !text.empty() && text.size() <= kLongestVersion &&
         text.find_first_not_of("0123456789.") == text.npos;
}

NvidiaGpu gpu_in(std::string_view row, const JsonPlace& place) {
  constexpr std::string_view kComma = ", ";
  const auto comma = row.find(kComma);
  const auto address = PciAddress::parse(row.substr(0, comma));
  const std::string_view version = comma == row.npos ? "" : row.substr(comma + kComma.size());
  if (!address || !is_version(version)) place.malformed(row.substr(0, 60), "an address and a version");
  return {*address, std::string(version)};
}

/// nvbandwidth writes numbers as texts, and "N/A" for none.
std::optional<double> bandwidth_in(const json& cell, const JsonPlace& place) {
  double value = 0;
  if (cell.is_number()) {
    value = cell.get<double>();
  } else if (cell == "N/A") {
    return std::nullopt;
  } else if (cell.is_string()) {
    const auto& text = cell.get_ref<const std::string&>();
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) place.malformed(cell, "a number");
  } else {
    place.malformed(cell, "a number");
  }
  if (!(value > 0 && value < kMostGigabytes)) place.malformed(cell, "a bandwidth in GB/s");
  return value;
}

std::vector<std::optional<double>> row_of(const json& test, const JsonPlace& place) {
  const JsonPlace matrix_place = place["bandwidth_matrix"];
  const json matrix = test.value("bandwidth_matrix", json());
  if (!matrix.is_array() || matrix.size() != 1 || !matrix[0].is_array() || matrix[0].size() > kMostGpus)
    matrix_place.malformed(matrix, "one row");
  std::vector<std::optional<double>> row;
  for (std::size_t at = 0; at < matrix[0].size(); ++at)
    row.push_back(bandwidth_in(matrix[0][at], matrix_place[at]));
  return row;
}

}  // namespace

std::vector<NvidiaGpu> nvidia_gpus(std::string_view text) {
  const JsonPlace place("what nvidia-smi prints");
  std::vector<NvidiaGpu> gpus;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (row.empty()) continue;
    if (gpus.size() == kMostGpus) place.malformed(row.substr(0, 60), "no more GPUs");
    gpus.push_back(gpu_in(row, place[gpus.size()]));
  }
  std::ranges::sort(gpus, {}, &NvidiaGpu::address);
  return gpus;
}

MeasuredBandwidths measured_bandwidths(std::string_view text) {
  const JsonPlace place("what nvbandwidth prints");
  const auto begin = text.find('{');  // CUDA may print a warning before.
  const auto document = json_in(begin == text.npos ? "" : text.substr(begin), place);
  const json none;
  const json* all = document && document->is_object() ? &*document : &none;
  for (const char* key : {"nvbandwidth", "testcases"})
    all = all->is_object() && all->contains(key) ? &(*all)[key] : &none;
  if (!all->is_array())
    place.malformed(std::string_view("something else"), "\"testcases\" of \"nvbandwidth\"");
  MeasuredBandwidths measured;
  for (std::size_t at = 0; at < all->size(); ++at) {
    const json& test = (*all)[at];
    if (!test.is_object() || test.value("status", json()) != "Passed") continue;
    const json name = test.value("name", json());
    if (name == "host_to_device_memcpy_ce") measured.to_gpu = row_of(test, place[at]);
    if (name == "device_to_host_memcpy_ce") measured.from_gpu = row_of(test, place[at]);
  }
  return measured;
}

std::vector<Bandwidth> bandwidths_of(const std::vector<NvidiaGpu>& gpus, const MeasuredBandwidths& measured) {
  if (measured.to_gpu.size() != gpus.size() || measured.from_gpu.size() != gpus.size())
    JsonPlace("what nvbandwidth prints")
        .malformed(std::string_view(fmt::format("bandwidths of {} and {} GPUs", measured.to_gpu.size(),
                                                measured.from_gpu.size())),
                   fmt::format("those of {}", gpus.size()));
  std::vector<Bandwidth> bandwidths;
  for (std::size_t at = 0; at < gpus.size(); ++at)
    if (measured.to_gpu[at] && measured.from_gpu[at])
      bandwidths.push_back({gpus[at].address, *measured.to_gpu[at], *measured.from_gpu[at]});
  return bandwidths;
}

}  // namespace gpupass
