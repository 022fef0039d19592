// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/ranges.h>

#include <algorithm>

#include "change/kind.hpp"
#include "change/own_file.hpp"
#include "codec/preparation_files.hpp"
#include "values/error.hpp"
#include "values/huge_pages.hpp"
#include "values/kernel_options.hpp"

/// What makes a host ready for guests with GPUs, beside files that are written alone.
namespace gpupass {

/// What every boot adds to the kernel's options.
template <>
struct Kind<SetKernelOptions> : PlainKind {
  static constexpr const char* kName = "kernel-options";

  static void fields(auto& visit, auto& change) { visit("options", change.options); }

  static std::string words(const SetKernelOptions& change) {
    if (change.options.empty())
      return fmt::format("add nothing to the kernel's options: remove {}", kGrubFile);
    return fmt::format("add {} to the kernel's options: write {}", fmt::join(change.options, " "), kGrubFile);
  }

  static std::string subject(const SetKernelOptions&) { return "the kernel's options at boot"; }

  static std::set<std::string> locks(const SetKernelOptions&) { return {lock_of_boot()}; }

  static bool lasts(const SetKernelOptions&) { return true; }

  static bool steers_boot(const SetKernelOptions&) { return true; }

  static void require_well_formed(const SetKernelOptions& change) {
    for (const std::string& option : change.options)
      if (!may_be_added(option))
        throw failure(ErrorCode::Malformed, "plan a change of", "the kernel's options",
                      fmt::format("{:?}", option), "an option about the IOMMU, VFIO or PCI");
  }

  static void effect(Host& host, const SetKernelOptions& change) {
    if (host.own_files) set_content(*host.own_files, std::string(kGrubFile), to_grub_file(change.options));
  }
};

/// How many huge pages a NUMA node has.
template <>
struct Kind<SetHugePages> : PlainKind {
  static constexpr const char* kName = "huge-pages";

  static void fields(auto& visit, auto& change) {
    visit("node", change.pages.node);
    visit("page_size_bytes", change.pages.page_size_bytes);
    visit("count", change.pages.count);
  }

  static std::string words(const SetHugePages& change) { return "reserve " + in_words(change.pages); }

  static std::string subject(const SetHugePages& change) { return pool_path(change.pages); }

  static std::set<std::string> locks(const SetHugePages&) { return {lock_of_boot()}; }

  static void require_well_formed(const SetHugePages& change) {
    if (change.pages.page_size_bytes < 1024)
      throw failure(ErrorCode::Malformed, "plan a change of", "huge pages",
                    fmt::to_string(change.pages.page_size_bytes), "the size of a page");
  }

  /// The pages come from the memory of their node.
  static void effect(Host& host, const SetHugePages& change) {
    if (!host.numa_nodes) return;
    for (NumaNode& node : *host.numa_nodes)
      for (HugePages& pool : node.huge_pages) {
        if (!same_pool({node.id, pool.page_size_bytes, 0}, change.pages)) continue;
        const std::uint64_t more = change.pages.count - pool.total;  // Modulo 2^64, as below: fewer, too.
        pool.free += more;
        pool.total = change.pages.count;
        if (node.free_bytes) node.free_bytes = *node.free_bytes - more * pool.page_size_bytes;
      }
  }
};

}  // namespace gpupass
