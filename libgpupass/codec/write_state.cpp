// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "codec/in_quotes.hpp"
#include "gpupass/state.hpp"
#include "gpupass/units.hpp"
#include "values/huge_pages.hpp"

namespace gpupass {

namespace {

/// A table that is written when something is in it.
class Table {
 public:
  explicit Table(std::string heading) : heading_(std::move(heading)) {}
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) line(key, in_quotes(value));
  }
  void line(std::string_view key, std::string_view value) { lines_ += fmt::format("{} = {}\n", key, value); }
  std::string written() const { return lines_.empty() ? "" : fmt::format("\n[{}]\n{}", heading_, lines_); }

 private:
  std::string heading_;
  std::string lines_;
};

std::string ids_text(const std::optional<std::uint16_t>& vendor, const std::optional<std::uint16_t>& device) {
  return vendor && device ? fmt::format("{:04x}:{:04x}", *vendor, *device) : "";
}

std::string pages_text(std::uint64_t bytes) {
  return bytes == 0 ? "off" : format_size(bytes);
}

std::string in_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  std::ranges::transform(texts, std::back_inserter(quoted), in_quotes);
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string value_of(const DeclaredType& type) {
  std::vector<std::string> names;
  for (const DeviceId slice : type.slices) names.push_back(slice.to_string());
  const std::string which = names.empty() ? fmt::to_string(type.count) : in_list(names);
  if (type.id.empty()) return which;
  return fmt::format("{{ id = {}, {} = {} }}", in_quotes(type.id), names.empty() ? "count" : "slices", which);
}

std::string value_of(const DeclaredMig& mig) {
  if (!mig.enabled) return "false";
  std::vector<std::string> profiles;
  for (const auto& [profile, count] : mig.profiles)
    profiles.push_back(fmt::format("{} = {}", in_quotes(profile), count));
  return profiles.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(profiles, ", "));
}

std::string written(const std::string& gpu, const DeclaredSlices& slices) {
  const std::string heading = fmt::format("gpus.{}.slices", in_quotes(gpu));
  Table table(heading), types(heading + ".types");
  if (slices.mig) table.line("mig", value_of(*slices.mig));
  if (slices.vfs) table.line("vfs", fmt::to_string(*slices.vfs));
  if (slices.use) table.text("use", to_string(*slices.use));
  if (slices.boot) table.line("boot", *slices.boot ? "true" : "false");
  if (slices.types && slices.types->empty()) table.line("types", "{}");
  for (const DeclaredType& type : slices.types.value_or(std::vector<DeclaredType>()))
    types.line(in_quotes(type.type), value_of(type));
  const std::string text = table.written() + types.written();
  return text.empty() ? fmt::format("\n[{}]\n", heading) : text;
}

std::string written(const DeclaredGpu& gpu) {
  Table table(fmt::format("gpus.{}", in_quotes(gpu.key)));
  table.text("id", ids_text(gpu.identity.vendor, gpu.identity.device));
  table.text("subsystem", ids_text(gpu.identity.subsystem_vendor, gpu.identity.subsystem_device));
  if (!gpu.key.starts_with("serial:")) table.text("serial", gpu.identity.serial);
  table.text("name", gpu.name);
  if (gpu.use) table.text("use", to_string(*gpu.use));
  if (gpu.boot) table.line("boot", *gpu.boot ? "true" : "false");
  return table.written() + (gpu.slices ? written(gpu.key, *gpu.slices) : "");
}

std::string written(const Preparation& preparation) {
  Table table("host.prepare");
  std::vector<std::string> pages;
  for (const NodePages& one : preparation.pages) pages.push_back(text_of(one));
  if (!preparation.kernel_options.empty()) table.line("kernel_options", in_list(preparation.kernel_options));
  if (!preparation.modules.empty()) table.line("modules", in_list(preparation.modules));
  if (!pages.empty()) table.line("hugepages", in_list(pages));
  const std::string text = table.written();
  return text.empty() ? "\n[host.prepare]\n" : text;
}

std::vector<std::string> names_of(const std::vector<Tuning>& tune) {
  std::vector<std::string> names;
  for (const Tuning one : tune) names.emplace_back(to_string(one));
  return names;
}

}  // namespace

std::string to_toml(const State& state) {
  Table host("host");
  host.text("reserve_cpus", state.reserved_cpus.to_string());
  if (!state.stop.empty()) host.line("stop", in_list(state.stop));
  if (!state.tune.empty()) host.line("tune", in_list(names_of(state.tune)));
  Table defaults("defaults");
  const auto add = [&](const char* key, const auto& choice) {
    if (choice) defaults.text(key, to_string(*choice));
  };
  add("numa", state.defaults.numa);
  if (state.defaults.page_size_bytes) defaults.text("hugepages", pages_text(*state.defaults.page_size_bytes));
  add("virt_type", state.defaults.virt_type);
  add("firmware", state.defaults.firmware);
  std::string text = "# The declared state of a host: gpupass.conf(5).\n" + host.written() +
                     (state.preparation ? written(*state.preparation) : "") + defaults.written();
  for (const DeclaredGpu& gpu : state.gpus) text += written(gpu);
  return text;
}

}  // namespace gpupass
