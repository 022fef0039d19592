// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/units.hpp"
#include "render/json/json.hpp"
#include "values/huge_pages.hpp"
#include "values/sameness.hpp"

namespace gpupass {

namespace {

Json ids_or_null(const std::optional<std::uint16_t>& vendor, const std::optional<std::uint16_t>& device) {
  return vendor && device ? Json(fmt::format("{:04x}:{:04x}", *vendor, *device)) : Json(nullptr);
}

template <typename Enum>
Json name_or_null(const std::optional<Enum>& value) {
  return value ? Json(to_string(*value)) : Json(nullptr);
}

Json pages_or_null(const std::optional<std::uint64_t>& bytes) {
  if (!bytes) return nullptr;
  return *bytes == 0 ? "off" : format_size(*bytes);
}

Json json_of(const DeclaredType& type) {
  Json slices = Json::array();
  for (const DeviceId slice : type.slices) slices.push_back(slice.to_string());
  return {{"id", json_or_null(type.id)}, {"count", type.count}, {"slices", std::move(slices)}};
}

Json json_of(const DeclaredMig& mig) {
  return {{"enabled", mig.enabled}, {"profiles", mig.profiles}};
}

Json json_of(const DeclaredSlices& slices) {
  Json types = nullptr;
  if (slices.types) types = Json::object();
  for (const DeclaredType& type : slices.types.value_or(std::vector<DeclaredType>()))
    types[type.type] = json_of(type);
  return {{"mig", slices.mig ? json_of(*slices.mig) : Json(nullptr)},
          {"vfs", slices.vfs ? Json(*slices.vfs) : Json(nullptr)},
          {"use", name_or_null(slices.use)},
          {"types", std::move(types)},
          {"boot", slices.boot ? Json(*slices.boot) : Json(nullptr)}};
}

Json json_of(const DeclaredGpu& gpu) {
  return {{"id", ids_or_null(gpu.identity.vendor, gpu.identity.device)},
          {"subsystem", ids_or_null(gpu.identity.subsystem_vendor, gpu.identity.subsystem_device)},
          {"serial", json_or_null(gpu.identity.serial)},
          {"name", json_or_null(gpu.name)},
          {"use", name_or_null(gpu.use)},
          {"boot", gpu.boot ? Json(*gpu.boot) : Json(nullptr)},
          {"slices", gpu.slices ? json_of(*gpu.slices) : Json(nullptr)}};
}

Json json_of(const Preparation& preparation) {
  Json pages = Json::array();
  for (const NodePages& one : preparation.pages) pages.push_back(text_of(one));
  return {{"kernel_options", preparation.kernel_options},
          {"modules", preparation.modules},
          {"hugepages", std::move(pages)}};
}

}  // namespace

std::string render_state_json(const Host& host, const State& state) {
  Json json = document(host);
  Json tune = Json::array();
  for (const Tuning one : state.tune) tune.push_back(to_string(one));
  json["host"] = {{"reserve_cpus", json_or_null(state.reserved_cpus.to_string())},
                  {"stop", state.stop},
                  {"tune", std::move(tune)}};
  json["host"]["prepare"] = state.preparation ? json_of(*state.preparation) : Json(nullptr);
  json["defaults"] = {{"numa", name_or_null(state.defaults.numa)},
                      {"hugepages", pages_or_null(state.defaults.page_size_bytes)},
                      {"virt_type", name_or_null(state.defaults.virt_type)},
                      {"firmware", name_or_null(state.defaults.firmware)}};
  json["gpus"] = Json::object();
  for (const DeclaredGpu& gpu : state.gpus) json["gpus"][gpu.key] = json_of(gpu);
  return dumped(json);
}

std::string render_differences_json(const Host& host, const std::vector<Finding>& differences) {
  Json json = document(host);
  json["same"] = to_string(sameness(differences));
  json["differences"] = json_of(differences);
  return dumped(json);
}

}  // namespace gpupass
