// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/gpu_names.hpp"
#include "values/card.hpp"
#include "values/lower.hpp"
#include "values/number.hpp"
#include "values/sort_unique.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Filter = std::function<bool(const PciFunction&)>;

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

/// "10de:2330".
std::optional<Filter> ids_filter(std::string_view name) {
  if (name.size() != 9 || name[4] != ':' || !is_hex(name.substr(0, 4), 4) || !is_hex(name.substr(5), 4))
    return std::nullopt;
  const auto vendor = *parse_number<std::uint16_t>(name.substr(0, 4), 16);
  const auto device = *parse_number<std::uint16_t>(name.substr(5), 16);
  return [=](const PciFunction& gpu) {
    return gpu.vendor && *gpu.vendor == vendor && gpu.device && *gpu.device == device;
  };
}

/// "node:1".
std::optional<Filter> node_filter(const Host& host, std::string_view name) {
  if (!name.starts_with("node:")) return std::nullopt;
  const auto node = parse_number<unsigned>(name.substr(5));
  if (!node) return std::nullopt;
  return [&host, node = static_cast<int>(*node)](const PciFunction& gpu) {
    const Fact<int> own = nearest_numa_node(host, gpu);
    return own && *own == node;
  };
}

std::optional<Filter> collective_filter(const Host& host, std::string_view name) {
  if (name == "all") return [](const PciFunction&) { return true; };
  if (const auto ids = ids_filter(name)) return ids;
  return node_filter(host, name);
}

/// "65:00.0/PROFILE", or the "MIG-..." of NVIDIA.
bool is_slice(std::string_view name) {
  return name.find('/') != name.npos || lower(name).starts_with("mig-");
}

/// Only the driver of a GPU's vendor tells its UUID.
bool is_uuid(std::string_view name) {
  const auto device = DeviceId::parse(name);
  return lower(name).starts_with("gpu-") || (device && device->is_mediated());
}

std::string what_it_is_not(const std::string& name) {
  if (name == "all") return "this host has no GPU";
  if (name.starts_with("node:")) return fmt::format("no GPU is on NUMA node {}", name.substr(5));
  if (ids_filter(name)) return "no GPU has these ids";
  if (is_uuid(name))
    return "no GPU has this UUID, or none tells: only the driver of its vendor knows the UUID of a GPU";
  return "no GPU has this name";
}

[[noreturn]] void not_found(const std::string& name, const std::string& why,
                            const std::string& what_there_is) {
  throw Error(ErrorCode::NotFound, name, fmt::format("cannot find {:?}: {}", name, why), what_there_is);
}

PciAddress gpu_called(const Host& host, const std::string& name, const NameLookup& lookup) {
  if (is_slice(name))
    throw Error(
        ErrorCode::Usage, name,
        fmt::format("cannot find {:?}: names with a slash, and MIG-..., are reserved for slices of GPUs",
                    name),
        gpus_text(host, lookup));
  const std::vector<const PciFunction*> called = gpus_called(host, name, lookup);
  if (called.empty()) not_found(name, what_it_is_not(name), gpus_text(host, lookup));
  if (called.size() == 1) return called.front()->address;
  std::string lines = "name one of them by its address, or several of one model by their ids:";
  for (const PciFunction* gpu : called) lines += '\n' + gpu_line(host, *gpu, lookup);
  not_found(name, fmt::format("{} GPUs have it in their names, expected one", called.size()), lines);
}

/// The physical GPUs of a collective form that can be given away, and why the others cannot.
class Collection {
 public:
  Collection(const Host& host, const NameLookup& lookup) : host_(host), lookup_(lookup) {}

  void add(PciAddress gpu) { selection_.gpus.push_back(gpu); }
  void add(const std::string& name, const Filter& filter);
  Selection complete();

 private:
  const std::vector<Assessment>& assessments() {
    if (!assessments_) assessments_ = assess(host_);
    return *assessments_;
  }

  const Host& host_;
  const NameLookup& lookup_;
  std::optional<std::vector<Assessment>> assessments_;
  Selection selection_;
};

void Collection::add(const std::string& name, const Filter& filter) {
  bool any = false;
  std::vector<Finding> reasons;
  for (const Assessment& gpu : assessments()) {
    const PciFunction& function = function_at(host_, function_of(gpu.device));
    if (gpu.virtual_function || !filter(function)) continue;
    any = any || gpu.assignable == Answer::Yes;
    if (gpu.assignable == Answer::Yes)
      add(function.address);
    else
      std::ranges::copy(gpu.reasons, std::back_inserter(reasons));
  }
  std::ranges::copy(reasons, std::back_inserter(selection_.passed_over));
  if (any) return;
  if (reasons.empty()) not_found(name, what_it_is_not(name), gpus_text(host_, lookup_));
  throw Error(ErrorCode::Refused, name,
              fmt::format("cannot find {:?}: it names no GPU that can be given away", name), reasons);
}

Selection Collection::complete() {
  auto& [gpus, passed_over] = selection_;
  sort_unique(gpus);
  // A GPU that is also named by its address is not passed over; and two forms may pass over the same one.
  std::vector<Finding> findings;
  for (Finding& finding : passed_over) {
    const auto address = PciAddress::parse(finding.subject);
    if (address && std::ranges::binary_search(gpus, *address)) continue;
    if (std::ranges::find(findings, finding) == findings.end()) findings.push_back(std::move(finding));
  }
  passed_over = std::move(findings);
  return std::move(selection_);
}

}  // namespace

Selection select_gpus(const Host& host, const std::vector<std::string>& names, const NameLookup& lookup) {
  Collection collection(host, lookup);
  for (const std::string& name : names) {
    if (const auto address = PciAddress::parse(name))
      collection.add(function_at(host, *address).address);
    else if (const auto filter = collective_filter(host, name))
      collection.add(name, *filter);
    else
      collection.add(gpu_called(host, name, lookup));
  }
  return collection.complete();
}

Parts needs_to_find(const std::vector<std::string>& names) {
  const auto is_plain = [](const std::string& name) {
    return PciAddress::parse(name) || name == "all" || name.starts_with("node:") || ids_filter(name);
  };
  // UUIDs are among the details, serial numbers in configuration space.
  return std::ranges::all_of(names, is_plain) ? Parts{} : Parts{.details = true, .config = true};
}

std::vector<PciAddress> named_addresses(const std::vector<std::string>& names) {
  std::vector<PciAddress> addresses;
  for (const std::string& name : names)
    if (const auto address = PciAddress::parse(name)) addresses.push_back(*address);
  return addresses;
}

}  // namespace gpupass
