// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "values/card.hpp"
#include "values/number.hpp"
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

/// "GPU-1234abcd-...", "MIG-...", or a plain UUID; "0000:65:00.0/profile".
bool is_reserved(std::string_view name) {
  if (name.find('/') != name.npos) return true;
  if (name.starts_with("GPU-") || name.starts_with("MIG-")) return true;
  const auto device = DeviceId::parse(name);
  return device && device->is_mediated();
}

/// Whether it could be a name that a configuration gives.
bool is_word(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

[[noreturn]] void no_such_name(const Host& host, const std::string& name) {
  if (is_reserved(name))
    throw Error(ErrorCode::Usage, name,
                fmt::format("cannot find {:?}: UUIDs and GPU/PROFILE are reserved for slices of GPUs", name),
                gpus_text(host));
  if (is_word(name))
    throw Error(ErrorCode::NotFound, name, fmt::format("cannot find {:?}: no GPU has this name", name),
                gpus_text(host));
  throw Error(
      ErrorCode::Usage, name,
      fmt::format("cannot find {:?}: saw no GPU's name, expected DDDD:BB:DD.F, VENDOR:DEVICE, node:N or all",
                  name),
      gpus_text(host));
}

/// The physical GPUs of a collective form that can be given away, and why the others cannot.
class Collection {
 public:
  explicit Collection(const Host& host) : host_(host) {}

  void add(PciAddress gpu) { selection_.gpus.push_back(gpu); }
  void add(const std::string& name, const Filter& filter);
  Selection complete();

 private:
  const std::vector<Assessment>& assessments() {
    if (!assessments_) assessments_ = assess(host_);
    return *assessments_;
  }

  const Host& host_;
  std::optional<std::vector<Assessment>> assessments_;
  Selection selection_;
};

void Collection::add(const std::string& name, const Filter& filter) {
  bool any = false;
  std::string reasons;
  for (const Assessment& gpu : assessments()) {
    const PciFunction& function = function_at(host_, function_of(gpu.device));
    if (gpu.virtual_function || !filter(function)) continue;
    if (gpu.assignable == Answer::Yes) {
      add(function.address);
      any = true;
      continue;
    }
    for (const Finding& reason : gpu.reasons) {
      selection_.passed_over.push_back(reason);
      reasons += fmt::format("; {}: {}", gpu.device.to_string(), reason.message);
    }
  }
  if (!any)
    throw Error(reasons.empty() ? ErrorCode::NotFound : ErrorCode::Refused, name,
                fmt::format("cannot find {:?}: it names no GPU that can be given away{}", name, reasons),
                gpus_text(host_));
}

Selection Collection::complete() {
  auto& [gpus, passed_over] = selection_;
  std::ranges::sort(gpus);
  gpus.erase(std::ranges::unique(gpus).begin(), gpus.end());
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

Selection select_gpus(const Host& host, const std::vector<std::string>& names) {
  Collection collection(host);
  for (const std::string& name : names) {
    if (const auto address = PciAddress::parse(name))
      collection.add(function_at(host, *address).address);
    else if (const auto filter = collective_filter(host, name))
      collection.add(name, *filter);
    else
      no_such_name(host, name);
  }
  return collection.complete();
}

std::vector<PciAddress> named_addresses(const std::vector<std::string>& names) {
  std::vector<PciAddress> addresses;
  for (const std::string& name : names)
    if (const auto address = PciAddress::parse(name)) addresses.push_back(*address);
  return addresses;
}

}  // namespace gpupass
