// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/prepare/preparation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codec/preparation_files.hpp"
#include "gpupass/error.hpp"
#include "gpupass/units.hpp"
#include "values/huge_pages.hpp"
#include "values/numa.hpp"
#include "values/own_files.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// What one of the files says; nothing where it is missing. @throws Error Malformed.
template <typename T>
T said_by(const Host& host, std::string_view path, T parse(std::string_view)) {
  const auto file = std::ranges::find(*host.own_files, path, &OwnFile::path);
  if (file == host.own_files->end() || file->content.absent()) return {};
  if (!file->content)
    throw Error(ErrorCode::Unavailable, file->path,
                fmt::format("{} is not known: {}", path, why_unknown(file->content)));
  return parse(*file->content);
}

/// nullptr: the node has no such pages, or there is no such node.
const HugePages* pool_of(const Host& host, const NodePages& pages) {
  const NumaNode* node = find_node(host, pages.node);
  if (!node) return nullptr;
  const auto pool = std::ranges::find(node->huge_pages, pages.page_size_bytes, &HugePages::page_size_bytes);
  return pool == node->huge_pages.end() ? nullptr : &*pool;
}

}  // namespace

Fact<Preparation> preparation_of(const Host& host) {
  if (!host.own_files) return host.own_files.without_value<Preparation>();
  try {
    return Preparation{said_by(host, kGrubFile, parse_grub_file),
                       said_by(host, kModulesFile, parse_modules_file),
                       said_by(host, kPagesFile, parse_pages_file)};
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

std::vector<std::string> without_those_of_kernel(const Host& host, std::vector<std::string> options) {
  if (host.iommu)
    std::erase_if(options, [&](const std::string& option) {
      return std::ranges::find(host.iommu->kernel_options, option) != host.iommu->kernel_options.end();
    });
  return options;
}

std::vector<std::string> not_in_effect(const Host& host, const Preparation& preparation) {
  std::vector<std::string> missing;
  if (host.iommu)
    if (const auto options = without_those_of_kernel(host, preparation.kernel_options); !options.empty())
      missing.push_back(fmt::format("the kernel runs without {}", fmt::join(options, " ")));
  for (const NodePages& pages : preparation.pages) {
    if (!host.numa_nodes) continue;
    const HugePages* pool = pool_of(host, pages);
    const std::uint64_t total = pool ? pool->total : 0;
    if (total < pages.count)
      missing.push_back(fmt::format("node {} has {} of {} huge pages of {}", pages.node, total, pages.count,
                                    format_size(pages.page_size_bytes)));
  }
  return missing;
}

}  // namespace gpupass
