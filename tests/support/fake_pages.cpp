// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The huge pages of the fake kernel: they come from the free memory of their node, and the kernel finds as
// many as there are, as in mm/hugetlb.c of Linux.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "support/fake_kernel.hpp"
#include "values/huge_pages.hpp"
#include "values/number.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kNodes = "/sys/devices/system/node";
constexpr std::string_view kTotal = "nr_hugepages";
constexpr std::string_view kFree = "free_hugepages";

std::uint64_t number_at(const System& machine, const std::string& path) {
  return parse_number<std::uint64_t>(machine.read(path).value_or("")).value_or(0);
}

}  // namespace

void FakeKernel::read_pages() {
  for (const std::string& node : machine_->list(kNodes).value_or({})) {
    const std::string folder = fmt::format("{}/{}/hugepages", kNodes, node);
    for (const std::string& size : machine_->list(folder).value_or({})) {
      const std::string path = fmt::format("{}/{}/{}", folder, size, kTotal);
      if (pool_at(path)) pages_[path] = number_at(*machine_, path);
    }
  }
}

std::uint64_t FakeKernel::found_pages(const std::string& path) const {
  return number_at(*machine_, path);
}

/// What follows from the numbers of pages, where they are not as found. nullopt: nothing does.
std::optional<std::string> FakeKernel::node_content(std::string_view path) const {
  if (!path.starts_with(kNodes)) return std::nullopt;
  if (const auto pool = pages_.find(std::string(path)); pool != pages_.end())
    return fmt::to_string(pool->second);
  if (path.ends_with(kFree)) {
    const std::string total = std::string(path.substr(0, path.size() - kFree.size())) + std::string(kTotal);
    if (!pages_.contains(total)) return std::nullopt;
    return fmt::to_string(number_at(*machine_, std::string(path)) + pages_.at(total) - found_pages(total));
  }
  if (!path.ends_with("/meminfo")) return std::nullopt;
  const std::string folder(path.substr(0, path.size() - std::string_view("meminfo").size()));
  std::uint64_t taken_kib = 0;
  for (const auto& [total, count] : pages_)
    if (total.starts_with(folder))
      taken_kib += (count - found_pages(total)) * (pool_at(total)->page_size_bytes / 1024);
  const Fact<std::string> found = machine_->read(path);
  if (!found) return std::nullopt;
  std::string text;
  for (const std::string_view line : lines_of(*found)) {
    const auto words = words_of(line);
    const auto kib = words.size() == 5 ? parse_number<std::uint64_t>(words[3]) : std::nullopt;
    text += kib && words[2] == "MemFree:"
                ? fmt::format("{} {} MemFree: {} kB\n", words[0], words[1], *kib - taken_kib)
                : fmt::format("{}\n", line);
  }
  return text;
}

int FakeKernel::store_pages(std::string_view path, std::string_view value) {
  const auto wanted = parse_number<std::uint64_t>(value);
  if (!wanted) return EINVAL;
  const std::string name(path);
  const NodePages pool = *pool_at(path);
  const std::string meminfo = fmt::format("{}/node{}/meminfo", kNodes, pool.node);
  std::uint64_t& count = pages_.at(name);
  if (*wanted > count) {
    std::uint64_t free_kib = UINT64_MAX;
    const std::string text = content(meminfo).value_or("");
    for (const std::string_view line : lines_of(text))
      if (const auto words = words_of(line); words.size() == 5 && words[2] == "MemFree:")
        free_kib = parse_number<std::uint64_t>(words[3]).value_or(0);
    count += std::min(*wanted - count, free_kib / (pool.page_size_bytes / 1024));
  } else {
    count = *wanted;
  }
  return 0;
}

}  // namespace gpupass
