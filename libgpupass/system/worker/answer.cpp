// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/worker/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "values/names.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

/// Reads an answer, and turns what the JSON library thinks of it into our own error.
template <typename Read>
auto reading(const Read& read) {
  try {
    return read();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::Malformed, "gpupass-worker",
                fmt::format("cannot read the answer of gpupass-worker: {}", error.what()));
  }
}

std::string text(const json& object, const char* key) {
  return object.at(key).get<std::string>();
}

template <typename Number>
Number number(const json& object, const char* key) {
  const json& value = object.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<Number>::max())
    throw Error(ErrorCode::Malformed, "gpupass-worker",
                fmt::format("cannot read the answer of gpupass-worker: saw {} at \"{}\"", value.dump(), key));
  return value.get<Number>();
}

CpuSet cpu_set(const json& list) {
  const auto cpus = CpuSet::parse(list.get<std::string>());
  if (!cpus || cpus->empty())
    throw Error(ErrorCode::Malformed, "gpupass-worker",
                fmt::format("cannot read the answer of gpupass-worker: saw {}, expected CPUs", list.dump()));
  return *cpus;
}

std::vector<Package> packages(const json& answer) {
  std::vector<Package> numbered;
  for (const json& package : answer.get_ref<const json::array_t&>())
    if (!package.at("id").is_null())
      numbered.push_back({number<unsigned>(package, "id"), cpu_set(package.at("cpus"))});
  return numbered;
}

Cache cache(const json& answer) {
  return {number<unsigned>(answer, "level"), number<std::uint64_t>(answer, "size_bytes"),
          cpu_set(answer.at("cpus"))};
}

Core core(const json& answer) {
  return {cpu_set(answer)};
}

template <typename Element>
std::vector<Element> list(const json& answer, Element (*element)(const json&)) {
  std::vector<Element> elements;
  for (const json& each : answer.get_ref<const json::array_t&>()) elements.push_back(element(each));
  return elements;
}

DomainXml domain(const json& answer) {
  return {text(answer, "name"),
          answer.at("active").get<bool>(),
          answer.at("persistent").get<bool>(),
          answer.at("autostart").get<bool>(),
          text(answer, "live_xml"),
          text(answer, "persistent_xml"),
          answer.at("paused").get<bool>()};
}

}  // namespace

CpuTopology cpu_topology_from(const json& answer) {
  return reading([&]() -> CpuTopology {
    return {cpu_set(answer.at("cpus")), packages(answer.at("packages")),
            list(answer.at("last_level_caches"), cache), list(answer.at("cores"), core)};
  });
}

DomainXml domain_from(const json& answer) {
  return reading([&] { return domain(answer); });
}

std::vector<DomainXml> domains_from(const json& answer) {
  auto domains = reading([&] { return list(answer, domain); });
  std::ranges::sort(domains, {}, &DomainXml::name);
  return domains;
}

std::vector<std::string> refusals_from(const json& answer) {
  return reading([&] { return answer.at("refused").get<std::vector<std::string>>(); });
}

std::string reason_from(const json& answer) {
  return reading([&] { return text(answer, "unknown"); });
}

Error error_from(const json& answer) {
  return reading([&] {
    return Error(named<ErrorCode>(text(answer, "code")).value_or(ErrorCode::System), text(answer, "subject"),
                 text(answer, "message"), text(answer, "hint"));
  });
}

}  // namespace gpupass
