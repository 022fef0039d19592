// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/direct_links.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "probe/folder.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::uint32_t kXgmi = 11;  // CRAT_IOLINK_TYPE_XGMI in the kernel's kfd_crat.h.

// A full machine of today has 2 nodes for its CPUs and 64 for the partitions of 8 GPUs, each with a link to
// every other.
constexpr std::size_t kMostNodes = 512;

constexpr std::string_view kReadNames[] = {"simd_count", "location_id", "domain", "type", "node_to"};

bool is_read(std::string_view line) {
  const auto words = words_of(line);
  return words.size() == 2 && std::ranges::find(kReadNames, words[0]) != std::end(kReadNames);
}

/// Lines of "simd_count 416", by name: those that are read. Nothing where one of these has no number.
using Properties = std::map<std::string_view, std::uint32_t>;
std::optional<Properties> properties_in(std::string_view text) {
  Properties properties;
  for (const std::string_view line : lines_of(text)) {
    if (!is_read(line)) continue;
    const auto words = words_of(line);
    const auto number = parse_number<std::uint32_t>(words[1]);
    if (!number) return std::nullopt;
    properties[words[0]] = *number;
  }
  return properties;
}

/// Where a node's GPU is on PCI; nothing for a node of CPUs.
using Place = std::optional<PciAddress>;

std::optional<Place> parse_location(std::string_view text) {
  const auto properties = properties_in(text);
  if (!properties || !properties->contains("simd_count") || !properties->contains("location_id"))
    return std::nullopt;
  if (properties->at("simd_count") == 0) return Place();
  // Bus, device and function. What newer kernels put above them is a partition's number.
  const std::uint32_t location = properties->at("location_id");
  PciAddress address{0, static_cast<std::uint8_t>(location >> 8),
                     static_cast<std::uint8_t>(location >> 3 & 0x1f),
                     static_cast<std::uint8_t>(location & 7)};
  // Older kernels do not tell it.
  if (const auto domain = properties->find("domain"); domain != properties->end())
    address.domain = domain->second;
  return address;
}

struct Link {
  std::uint32_t type = 0;
  unsigned node_to = 0;
};

std::optional<Link> parse_link(std::string_view text) {
  const auto properties = properties_in(text);
  if (!properties || !properties->contains("type") || !properties->contains("node_to")) return std::nullopt;
  return Link{properties->at("type"), properties->at("node_to")};
}

const Form<Place> kLocation{parse_location, "a simd_count and a location_id"};
const Form<Link> kLink{parse_link, "a type and a node_to"};

/// As Folder::expect(), without a quote of what was seen: other lines of the file identify the card.
template <typename T>
std::optional<T> read_properties(const Folder& folder, const std::string& name, const Form<T>& form) {
  const Fact<std::string> text = folder.expected(name, folder.text(name));
  if (!text) return std::nullopt;
  std::optional<T> value = form.parse(*text);
  if (!value) folder.limit(name, fmt::format("has no {}", form.expected));
  return value;
}

Folder folder_of(const System& system, Limits& limits, unsigned node) {
  return Folder(system, limits, fmt::format("{}/{}", kKfdNodesPath, node), fmt::format("kfd node {}", node));
}

/// The GPU's function. Some kernels put the number of a partition of the GPU in place of its function's.
const PciFunction* gpu_at(const Host& host, PciAddress address) {
  if (const PciFunction* function = find_function(host, address)) return function;
  address.function = 0;
  return find_function(host, address);
}

/// The names as numbers, ascending. Past the limit the rest is left out, and said to be.
std::vector<unsigned> numbers_in(const std::vector<std::string>& names, Limits& limits,
                                 const std::string& folder) {
  std::vector<unsigned> numbers;
  for (const std::string& name : names) {
    if (const auto number = parse_number<unsigned>(name))
      numbers.push_back(*number);
    else
      limits.add("direct links", fmt::format("{}: saw {}, expected a number", folder, shown(name)));
  }
  std::ranges::sort(numbers);
  if (numbers.size() > kMostNodes) {
    limits.add("direct links",
               fmt::format("{}: saw {} names, looked at {}", folder, numbers.size(), kMostNodes));
    numbers.resize(kMostNodes);
  }
  return numbers;
}

std::map<unsigned, PciAddress> read_gpus(const System& system, Limits& limits, const Host& host,
                                         const std::vector<unsigned>& nodes) {
  std::map<unsigned, PciAddress> gpus;
  for (const unsigned node : nodes) {
    const Folder folder = folder_of(system, limits, node);
    const std::optional<Place> place = read_properties(folder, "properties", kLocation);
    if (!place || !*place) continue;
    if (const PciFunction* gpu = gpu_at(host, **place))
      gpus[node] = gpu->address;
    else
      folder.limit("properties", fmt::format("names {}, which does not exist", (*place)->to_string()));
  }
  return gpus;
}

/// The nodes that one node reaches by xGMI.
std::vector<unsigned> read_peers(const System& system, Limits& limits, unsigned node) {
  const Folder folder = folder_of(system, limits, node);
  const auto names = folder.list("io_links");
  std::vector<unsigned> peers;
  for (const unsigned number : numbers_in(names.value_or({}), limits, folder.path_of("io_links"))) {
    const auto link = read_properties(folder, fmt::format("io_links/{}/properties", number), kLink);
    if (link && link->type == kXgmi) peers.push_back(link->node_to);
  }
  return peers;
}

}  // namespace

Fact<std::vector<DirectLink>> read_direct_links(const System& system, Limits& limits, const Host& host) {
  const auto names = system.list(kKfdNodesPath);
  if (names.unknown()) limits.add("direct links", names.why());
  if (!names) return names.without_value<std::vector<DirectLink>>();
  const auto nodes = numbers_in(*names, limits, std::string(kKfdNodesPath));
  const auto gpus = read_gpus(system, limits, host, nodes);
  std::set<std::pair<PciAddress, PciAddress>> pairs;  // Each link is told at both of its ends.
  for (const auto& [node, gpu] : gpus) {
    for (const unsigned peer : read_peers(system, limits, node)) {
      const auto other = gpus.find(peer);
      // It may lead to a CPU, or to another partition of the same GPU.
      if (other != gpus.end() && other->second != gpu) pairs.insert(std::minmax(gpu, other->second));
    }
  }
  std::vector<DirectLink> links;
  links.reserve(pairs.size());
  for (const auto& [first, second] : pairs) links.push_back({first, second, DirectLink::Kind::Xgmi});
  return links;
}

std::map<std::uint32_t, PciAddress> kfd_gpus(const System& system, const Host& host) {
  Limits limits;  // Who reads the links tells of what is odd here.
  const auto names = system.list(kKfdNodesPath);
  std::map<std::uint32_t, PciAddress> gpus;
  const auto nodes = numbers_in(names.value_or({}), limits, std::string(kKfdNodesPath));
  for (const auto& [node, gpu] : read_gpus(system, limits, host, nodes))
    if (const auto id = folder_of(system, limits, node).read("gpu_id", kDecimal)) gpus[*id] = gpu;
  return gpus;
}

std::string kfd_lines(std::string_view properties) {
  std::vector<std::string_view> lines = lines_of(properties);
  std::erase_if(lines, [](std::string_view line) { return !is_read(line); });
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace gpupass
