// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/requests/request.hpp"
#include "gpupass/services.hpp"

/// What programs of the host do: boot images, services, modules, drivers.
namespace gpupass {

template <>
inline constexpr std::string_view kRequestName<BootImageQuestion> = "list-boot-image";
template <>
inline constexpr std::string_view kRequestName<ServiceQuestion> = "service-running";
template <>
inline constexpr std::string_view kRequestName<PersistenceQuestion> = "persistence-modes";
template <>
inline constexpr std::string_view kRequestName<MigQuestion> = "mig";
template <>
inline constexpr std::string_view kRequestName<MigModeOrder> = "set-mig-mode";
template <>
inline constexpr std::string_view kRequestName<MigInstanceOrder> = "set-mig-instance";
template <>
inline constexpr std::string_view kRequestName<DisksQuestion> = "disks";
template <>
inline constexpr std::string_view kRequestName<LoadModuleOrder> = "load-module";
template <>
inline constexpr std::string_view kRequestName<BuildBootImageOrder> = "build-boot-image";
template <>
inline constexpr std::string_view kRequestName<ExchangeBootImageOrder> = "exchange-boot-images";
template <>
inline constexpr std::string_view kRequestName<DropBootImageOrder> = "drop-boot-image";
template <>
inline constexpr std::string_view kRequestName<UpdateBootLoaderOrder> = "update-boot-loader";
template <>
inline constexpr std::string_view kRequestName<ServiceOrder> = "set-service";
template <>
inline constexpr std::string_view kRequestName<PersistenceOrder> = "set-persistence-mode";

template <>
inline constexpr std::string_view kRequestName<AllowedCpusOrder> = "set-allowed-cpus";
template <>
inline constexpr std::string_view kRequestName<WriteSeedOrder> = "write-seed";
template <>
inline constexpr std::string_view kRequestName<MediatedDefinitionOrder> = "define-mediated-device";

/// An image is listed within seconds, and built within minutes; a busy machine takes longer.
template <>
inline constexpr unsigned kLongestSeconds<BootImageQuestion> = 300;
template <>
inline constexpr unsigned kLongestSeconds<BuildBootImageOrder> = 3600;
/// The boot loader's own programs copy images around.
template <>
inline constexpr unsigned kLongestSeconds<ExchangeBootImageOrder> = 600;
/// It looks for other systems on all disks.
template <>
inline constexpr unsigned kLongestSeconds<UpdateBootLoaderOrder> = 600;

/// NVIDIA's library begins with every GPU of the machine.
template <>
inline constexpr unsigned kLongestSeconds<MigQuestion> = 60;
/// mdevctl runs its scripts.
template <>
inline constexpr unsigned kLongestSeconds<MediatedDefinitionOrder> = 60;

void fields(auto& visit, Is<PersistenceMode> auto& mode) {
  visit("device", mode.device);
  visit("on", mode.on);
}

void fields(auto& visit, Is<DiskState> auto& state) {
  visit("name", state.name);
  visit("held", state.held);
}

void fields(auto& visit, Is<BootImageQuestion> auto& question) {
  visit("tool", question.tool);
  visit("path", question.path);
}

void fields(auto& visit, Is<ServiceQuestion> auto& question) {
  visit("unit", question.unit);
}

void fields(auto& visit, Is<PersistenceQuestion> auto& question) {
  visit("devices", question.devices);
}

void fields(auto& visit, Is<MigOfGpu> auto& gpu) {
  visit("device", gpu.device);
  visit("mig", gpu.mig);
}

void fields(auto& visit, Is<MigQuestion> auto& question) {
  visit("devices", question.devices);
}

void fields(auto& visit, Is<MigModeOrder> auto& order) {
  visit("device", order.device);
  visit("on", order.on);
}

void fields(auto& visit, Is<MigInstanceOrder> auto& order) {
  visit("device", order.device);
  visit("profile_id", order.profile_id);
  visit("start", order.start);
  visit("size", order.size);
  visit("compute", order.compute);
  visit("present", order.present);
}

void fields(auto& visit, Is<DisksQuestion> auto& question) {
  visit("disks", question.disks);
}

void fields(auto& visit, Is<LoadModuleOrder> auto& order) {
  visit("name", order.name);
}

template <typename T>
concept ReplacesABootImage = Is<T, BuildBootImageOrder> || Is<T, ExchangeBootImageOrder>;

void fields(auto& visit, ReplacesABootImage auto& order) {
  visit("tool", order.tool);
  visit("kernel", order.image.kernel);
  visit("path", order.image.path);
}

void fields(auto& visit, Is<DropBootImageOrder> auto& order) {
  visit("kernel", order.image.kernel);
  visit("path", order.image.path);
}

void fields(auto&, Is<UpdateBootLoaderOrder> auto&) {}

void fields(auto& visit, Is<ServiceOrder> auto& order) {
  visit("unit", order.unit);
  visit("running", order.running);
}

void fields(auto& visit, Is<AllowedCpusOrder> auto& order) {
  visit("unit", order.unit);
  visit("cpus", order.cpus);
}

void fields(auto& visit, Is<WriteSeedOrder> auto& order) {
  visit("domain", order.domain);
  visit("user_data", order.user_data);
}

void fields(auto& visit, Is<PersistenceOrder> auto& order) {
  visit("device", order.device);
  visit("on", order.on);
}

void fields(auto& visit, Is<MediatedDefinitionOrder> auto& order) {
  visit("uri", order.uri);
  visit("device", order.device);
  visit("parent", order.parent);
  visit("type", order.type);
  visit("at_boot", order.at_boot);
}

}  // namespace gpupass
