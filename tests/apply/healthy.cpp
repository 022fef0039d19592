// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/healthy.hpp"

#include <fmt/format.h>

#include <set>

#include "gpupass/pci.hpp"
#include "support/boot_hooks.hpp"
#include "support/memory_system.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// One machine, and what it does not say from another.
class Completed final : public ReadOnlySystem {
 public:
  Completed(std::shared_ptr<const System> machine, std::shared_ptr<const System> rest)
      : machine_(std::move(machine)), rest_(std::move(rest)) {}

  Fact<std::string> read(std::string_view path) const override {
    const auto text = machine_->read(path);
    return text.absent() ? rest_->read(path) : text;
  }
  Fact<std::string> read_guarded(std::string_view path) const override { return read(path); }
  Fact<std::string> link(std::string_view path) const override {
    const auto target = machine_->link(path);
    return target.absent() ? rest_->link(path) : target;
  }
  Fact<std::vector<std::string>> list(std::string_view path) const override {
    const auto names = machine_->list(path);
    const auto more = rest_->list(path);
    if (!more || names.unknown()) return names;
    std::set<std::string> all(more->begin(), more->end());
    for (const std::string& name : names.value_or({})) all.insert(name);
    return std::vector<std::string>(all.begin(), all.end());
  }

 private:
  void answer(AnyExchange& exchange) const override {
    std::visit([this](auto& each) { each.answer = machine_->ask(each.question); }, exchange);
  }

  std::shared_ptr<const System> machine_;
  std::shared_ptr<const System> rest_;
};

std::string folder_of(PciAddress function) {
  return fmt::format("/sys/bus/pci/devices/{}/", function.to_string());
}

bool is_gpu(const System& machine, PciAddress function) {
  const auto text = machine.read(folder_of(function) + "class").value_or("");
  return is_gpu_class(parse_number<std::uint32_t>(text, 16).value_or(0));
}

}  // namespace

std::shared_ptr<const System> healthy(std::shared_ptr<const System> captured) {
  std::vector<PciAddress> functions;
  for (const std::string& name : captured->list("/sys/bus/pci/devices").value_or({}))
    functions.push_back(PciAddress::parse(name).value());
  auto rest = std::make_shared<MemorySystem>();
  rest->folder("/lib/modules/6.1.0-18-amd64");
  add_boot_hooks(rest->file("/usr/share/initramfs-tools/hook-functions", ""));
  unsigned group = 1'000'000;  // No captured machine counts that far.
  for (const PciAddress& gpu : functions) {
    if (!is_gpu(*captured, gpu)) continue;
    rest->file(folder_of(gpu) + "boot_vga", "0");
    ++group;
    for (const PciAddress& function : functions) {
      if (!function.same_slot(gpu) || !captured->link(folder_of(function) + "iommu_group").absent()) continue;
      const std::string path = fmt::format("kernel/iommu_groups/{}", group);
      rest->symlink(folder_of(function) + "iommu_group", "../../../" + path);
      rest->symlink(fmt::format("/sys/{}/devices/{}", path, function.to_string()), "");
    }
  }
  return std::make_shared<Completed>(std::move(captured), std::move(rest));
}

}  // namespace gpupass
