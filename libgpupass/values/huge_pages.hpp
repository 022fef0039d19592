// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gpupass/preparation.hpp"

namespace gpupass {

/// "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages": how many such pages the node
/// has.
std::string pool_path(const NodePages& pages);
/// The node and the size of such a path; `count` is 0. nullopt: it is another path.
std::optional<NodePages> pool_at(std::string_view path);

/// "0:1G:16": the node, the size, and how many. nullopt: it is another text, or no size of such pages.
std::string text_of(const NodePages& pages);
std::optional<NodePages> parse_node_pages(std::string_view text);

/// "16 huge pages of 1G on node 0".
std::string in_words(const NodePages& pages);

/// Whether both are about one node and one size.
bool same_pool(const NodePages& one, const NodePages& other);

}  // namespace gpupass
