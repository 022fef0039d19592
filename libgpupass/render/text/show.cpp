// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/group.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "render/text/tone.hpp"
#include "render/text/words.hpp"
#include "values/link.hpp"

namespace gpupass {

namespace {

/// The sheet of one GPU: labelled lines, and below some labels a table.
class Sheet {
 public:
  explicit Sheet(const View& view) : view_(view) {}
  void line(std::string_view label, const std::string& value) {
    constexpr std::size_t kValues = 19;  // Where they begin.
    text_ += fmt::format("  {:<16} {}\n", label, wrapped(value, view_, kValues, kValues));
  }
  void heading(std::string_view label) { text_ += fmt::format("  {}\n", label); }
  void table(const Table& table) { text_ += table.to_string(view_, 4); }
  void title(const std::string& title) {
    text_ += toned(wrapped(title, view_, 4), Tone::Strong, view_) + '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  const View& view_;
  std::string text_;
};

/// A hexadecimal number, "?" where unknown.
template <typename T>
std::string hex(const Fact<T>& number, int digits) {
  return number ? fmt::format("{:0{}x}", *number, digits) : std::string(number.absent() ? "-" : "?");
}

void add_identity(Sheet& sheet, const PciFunction& gpu) {
  const std::string kind = gpu.class_code ? std::string(class_word(*gpu.class_code)) : "?";
  sheet.line("ids", fmt::format("{}, subsystem {}:{}, revision {}", ids_of(gpu), hex(gpu.subsystem_vendor, 4),
                                hex(gpu.subsystem_device, 4), hex(gpu.revision, 2)));
  sheet.line("class", fmt::format("{} ({})", hex(gpu.class_code, 6), kind));
  if (gpu.config && gpu.config->serial) sheet.line("serial", text_of(gpu.config->serial));
  if (gpu.uuid) sheet.line("UUID", text_of(gpu.uuid));
  if (gpu.physical_function) sheet.line("virtual of", gpu.physical_function->to_string());
}

std::string driver_and_override(const PciFunction& function) {
  const std::string driver = text_of(function.driver);
  if (!function.driver_override) return driver;
  return fmt::format("{} (override: {})", driver, text_of(function.driver_override));
}

void add_use(Sheet& sheet, const Host& host, const Assessment& assessment, const PciFunction& gpu) {
  sheet.line("state", std::string(to_string(assessment.state)));
  sheet.line("driver", driver_and_override(gpu));
  if (!assessment.domain.empty()) sheet.line("guest", printable(assessment.domain));
  if (!assessment.wanted_by.empty()) sheet.line("wanted by", joined(assessment.wanted_by));
  if (host.holders && gpu.iommu_group)
    for (const Holder& holder : *host.holders)
      if (holder.iommu_group == *gpu.iommu_group)
        sheet.line("held by", fmt::format("process {} ({})", holder.pid, printable(holder.command)));
  if (const Home* home = find_home(host, gpu.address)) {
    const DriverState& state = home->state;
    sheet.line("at home", fmt::format("driver {}, override {}", text_of(Fact<std::string>(state.driver)),
                                      text_of(Fact<std::string>(state.driver_override))));
  }
}

void add_boot(Sheet& sheet, const Assessment& gpu) {
  if (!gpu.bound_at_boot) return;
  sheet.line("at boot", gpu.bound_at_boot == Answer::Yes ? "bound to vfio-pci"
                        : gpu.bound_at_boot == Answer::No
                            ? "nothing: it is another device than the one to be bound"
                            : "bound to vfio-pci if it is the device to be bound, which is not known");
}

void add_verdict(Sheet& sheet, const Assessment& assessment) {
  sheet.line("assignable", std::string(to_string(assessment.assignable)));
  for (const Finding& reason : assessment.reasons) {
    sheet.line("", fmt::format("{}: {}", to_string(reason.verdict), printable(reason.message)));
    sheet.line("", fmt::format("[{}]{}", printable(reason.id),
                               reason.remedy.empty() ? "" : " " + printable(reason.remedy)));
  }
}

void add_card(Sheet& sheet, const Host& host, const Assessment& assessment, const NameLookup& names) {
  if (assessment.functions.size() < 2) return;
  Table table;
  for (const PciAddress address : assessment.functions) {
    const PciFunction* function = find_function(host, address);
    if (!function) continue;
    const auto kind = function->class_code ? class_word(*function->class_code) : "?";
    table.add(
        {short_address(host, address), kind, driver_and_override(*function), name_of(*function, names)});
  }
  table.may_narrow(3, 14);
  sheet.heading("functions of the card");
  sheet.table(table);
}

void add_group(Sheet& sheet, const Host& host, const Assessment& assessment, const PciFunction& gpu,
               const NameLookup& names) {
  const IommuGroup* group = gpu.iommu_group ? find_group(host, *gpu.iommu_group) : nullptr;
  const Isolation& isolation = assessment.isolation;
  sheet.line("IOMMU group",
             group ? fmt::format("{}, type {}", group->id, text_of(group->type)) : text_of(gpu.iommu_group));
  sheet.line("isolated", isolation_words(isolation));
  if (!group) return;
  if (!isolation.peers.empty()) sheet.line("reachable", joined(isolation.peers));
  sheet.heading("members of the group");
  sheet.table(group_members(host, assessment.group_members, names));
  for (const std::string& region : group->reserved_regions) sheet.line("reserved", printable(region));
}

void add_place(Sheet& sheet, const Host& host, const PciFunction& gpu) {
  sheet.line("NUMA node", text_of(nearest_numa_node(host, gpu)));
  sheet.line("link now", link_now(gpu.link));
  if (gpu.link) {
    const std::string path = link_best(path_link(host, gpu));
    sheet.line("link at best", fmt::format("{}, along its path {}", link_best(gpu.link), path));
  }
  Table table;
  for (const PciFunction* bridge : path_to_root(host, gpu)) {
    const bool typed = bridge->config && bridge->config->express;
    table.add({short_address(host, bridge->address),
               typed ? std::string(to_string(*bridge->config->express)) : "bridge", link_now(bridge->link),
               "best " + link_best(bridge->link)});
  }
  if (table.empty()) return;
  sheet.heading("upstream, nearest first");
  sheet.table(table);
}

void add_bars(Sheet& sheet, const PciFunction& gpu) {
  if (!gpu.bars) {
    sheet.line("BARs", gpu.bars.absent() ? "-" : "?");
    return;
  }
  Table table;
  for (const Bar& bar : *gpu.bars) {
    std::string kind = !bar.memory ? "I/O ports" : bar.is_64bit ? "64-bit memory" : "32-bit memory";
    if (bar.prefetchable) kind += ", prefetchable";
    table.add({bar.index == 6 ? "ROM" : fmt::to_string(bar.index), rounded_size(bar.size_bytes), kind,
               bar.start == 0 ? "not assigned by the firmware" : fmt::format("at 0x{:x}", bar.start)});
  }
  sheet.heading("BARs");
  sheet.table(table);
}

void add_abilities(Sheet& sheet, const PciFunction& gpu) {
  sheet.line("reset", text_of(gpu.reset_methods));
  sheet.line("power", text_of(gpu.power_state));
  sheet.line("boot VGA", text_of(gpu.boot_vga));
  if (gpu.sriov)
    sheet.line("SR-IOV",
               fmt::format("{} of {} virtual functions enabled", gpu.sriov->vfs, gpu.sriov->total_vfs));
  if (gpu.virtual_functions && !gpu.virtual_functions->empty())
    sheet.line("virtual functions", joined(*gpu.virtual_functions));
  if (gpu.mdev_types) sheet.line("mdev types", text_of(gpu.mdev_types));
}

std::string sheet_of(const Host& host, const Assessment& assessment, const NameLookup& names,
                     const View& view) {
  const PciFunction* gpu = find_function(host, assessment.device);
  if (!gpu) return assessment.device.to_string() + "  not on this host\n";
  Sheet sheet(view);
  sheet.title(gpu->address.to_string() + "  " + name_of(*gpu, names));
  add_identity(sheet, *gpu);
  add_use(sheet, host, assessment, *gpu);
  add_boot(sheet, assessment);
  add_verdict(sheet, assessment);
  add_card(sheet, host, assessment, names);
  add_group(sheet, host, assessment, *gpu, names);
  add_place(sheet, host, *gpu);
  add_bars(sheet, *gpu);
  add_abilities(sheet, *gpu);
  return sheet.take();
}

}  // namespace

std::string render_show(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                        const View& view) {
  std::string text;
  for (const Assessment& gpu : gpus) {
    if (!text.empty()) text += '\n';
    text += sheet_of(host, gpu, names, view);
  }
  return text;
}

}  // namespace gpupass
