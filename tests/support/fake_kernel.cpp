// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/fake_kernel.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "codec/boot_file.hpp"
#include "codec/preparation_files.hpp"
#include "gpupass/seed.hpp"
#include "support/sysfs_paths.hpp"
#include "system/files/errno_text.hpp"
#include "values/card.hpp"
#include "values/firmware_framebuffer.hpp"
#include "values/huge_pages.hpp"
#include "values/may_block.hpp"
#include "values/number.hpp"
#include "values/own_files.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kOwnFolder = "/run/gpupass/";
constexpr std::string_view kJournal = "/var/lib/gpupass/";
constexpr std::string_view kSettings = "/etc/gpupass/";
constexpr std::string_view kImagePrefix = "/boot/initrd.img-";

std::string last_component(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view without_newline(std::string_view value) {
  if (value.ends_with('\n')) value.remove_suffix(1);
  return value;
}

/// Whether a file is there after a boot.
bool is_setting(std::string_view path) {
  if (path == kTunedFile) return false;
  return path.starts_with(kSettings) || is_own_file(path) || is_own_configuration(path) || is_seed(path) ||
         path == kGrubConfig || path.starts_with("/etc/mdevctl.d/");
}

}  // namespace

FakeKernel::FakeKernel(std::shared_ptr<const System> machine)
    : machine_(std::move(machine)), hypervisor_(faults_, [this](PciAddress address) {
        const auto device = devices_.find(address.to_string());
        return device != devices_.end() && is_vfio_driver(device->second.driver);
      }) {
  for (const char* driver : {"vfio-pci", "pci-stub"}) register_driver(driver);
  read_boot_hooks();
  read_pages();
  for (const std::string& address : machine_->list("/sys/bus/pci/devices").value_or({})) {
    const std::string folder = std::string(kDevices) + address;
    const auto last = [&](const char* name) {
      return last_component(machine_->link(folder + name).value_or(""));
    };
    const auto number = [&](const char* name) {
      return parse_number<unsigned>(machine_->read_guarded(folder + name).value_or("")).value_or(0);
    };
    FakeDevice& device = devices_[address];
    device.driver = last("/driver");
    device.driver_override = machine_->read_guarded(folder + "/driver_override").value_or("");
    if (device.driver_override == "(null)") device.driver_override.clear();
    device.vfs = number("/sriov_numvfs");
    device.autoprobe = machine_->read(folder + "/sriov_drivers_autoprobe").value_or("");
    device.d3cold_allowed = machine_->read(folder + "/d3cold_allowed").value_or("");
    Static& fixed = statics_[address];
    fixed.bridge = is_bridge_class(
        parse_number<std::uint32_t>(machine_->read(folder + "/class").value_or("0"), 16).value_or(0));
    fixed.group = last("/iommu_group");
    fixed.total_vfs = number("/sriov_totalvfs");
    const auto id = [&](const char* name) {
      return parse_number<std::uint32_t>(machine_->read(folder + name).value_or(""), 16).value_or(0);
    };
    fixed.ids = {id("/vendor"), id("/device")};
    fixed.path = machine_->link(folder).value_or("");
    fixed.d3cold = !device.d3cold_allowed.empty();
    fixed.reset_methods = device.reset_method = machine_->read(folder + "/reset_method").value_or("");
    fixed.match = device.driver;
    if (!device.driver.empty()) register_driver(device.driver);
  }
  find_virtual_functions();
}

/// Those beyond the number that is enabled are hidden until they are made.
void FakeKernel::find_virtual_functions() {
  for (auto& [address, fixed] : statics_) {
    for (unsigned index = 0; index < fixed.total_vfs; ++index) {
      const std::string path = fmt::format("{}{}/virtfn{}", kDevices, address, index);
      const std::string name = last_component(machine_->link(path).value_or(""));
      if (!statics_.contains(name)) break;
      fixed.vfs.push_back(name);
      statics_.at(name).physical = address;
      if (index >= devices_.at(address).vfs) devices_.erase(name);
    }
  }
}

void FakeKernel::read_boot_hooks() {
  for (const BootTool tool : {BootTool::InitramfsTools, BootTool::Dracut})
    for (const std::string& path : boot_hook_paths(tool))
      if (const auto content = machine_->read(path)) settings_[path] = *content + '\n';
}

void FakeKernel::match(PciAddress device, const std::string& driver) {
  statics_.at(device.to_string()).match = driver;
  if (!driver.empty()) register_driver(driver);
}

void FakeKernel::register_driver(const std::string& driver) {
  if (!has_driver(driver)) drivers_.push_back(driver);
}

bool FakeKernel::has_driver(std::string_view driver) const {
  return std::ranges::find(drivers_, driver) != drivers_.end();
}

void FakeKernel::refuse_probe(const std::string& driver, PciAddress device, int error_number) {
  refusals_[{driver, device.to_string()}] = error_number;
}

void FakeKernel::restore(const FakeState& state) {
  devices_ = state.devices;
  files_ = state.files;
  journal_ = state.journal;
  settings_ = state.settings;
  images_ = state.images;
  services_ = state.services;
  pages_ = state.pages;
  tunables_ = state.tunables;
  resets_ = state.resets;
  ended_sessions_ = state.ended_sessions;
  console_ = state.console;
  framebuffer_ = state.framebuffer;
  boots_ = state.boots;
  journal_faults_.clear();
  hypervisor_.restore(state.domains);
  faults_.clear();
  log_.clear();
  hanging_.clear();
  wedged_.clear();
  ids_.clear();
}

// --- reading ---

Fact<std::string> FakeKernel::read(std::string_view path) const {
  if (may_block(path)) ADD_FAILURE() << "read without a deadline: " << path;
  return content(path);
}

/// Whether the path is one of a function that was pulled.
bool FakeKernel::is_gone(std::string_view path) const {
  const auto at = below(kDevices, path);
  return at && statics_.contains(at->name) && !devices_.contains(at->name);
}

/// What the path of a virtual function is below the folder of its physical one: "virtfn1/driver" is that of
/// its own.
std::optional<std::string> FakeKernel::virtual_function(std::string_view path) const {
  const auto at = below(kDevices, path);
  if (!at || !at->rest.starts_with("virtfn") || !devices_.contains(at->name)) return std::nullopt;
  const auto slash = at->rest.find('/');
  const auto index =
      parse_number<unsigned>(at->rest.substr(6, slash == std::string::npos ? slash : slash - 6));
  if (!index || *index >= devices_.at(at->name).vfs || *index >= statics_.at(at->name).vfs.size())
    return std::nullopt;
  const std::string rest = slash == std::string::npos ? "" : at->rest.substr(slash);
  return std::string(kDevices) + statics_.at(at->name).vfs[*index] + rest;
}

std::vector<std::string> FakeKernel::without_gone(std::vector<std::string> addresses) const {
  std::erase_if(addresses,
                [&](const std::string& name) { return statics_.contains(name) && !devices_.contains(name); });
  return addresses;
}

Fact<std::string> FakeKernel::content(std::string_view path) const {
  if (is_gone(path)) return Absent{};
  if (path == "/proc/sys/kernel/random/boot_id") return fmt::format("00000000-0000-4000-8000-{:012}", boots_);
  if (!console_on_.empty())
    if (const auto at = below(kVtConsole, path))
      return at->name == "bind" ? std::string(console_ ? "1" : "0") : std::string("(M) frame buffer device");
  if (unreadable_.contains(std::string(path))) return Unknown{std::string(path) + ": is damaged"};
  if (path.starts_with(kJournal)) {
    const auto file = journal_.find(std::string(path));
    if (file == journal_.end()) return Absent{};
    return std::string(without_newline(file->second));
  }
  if (grub_ && path == "/etc/os-release") return std::string("ID=debian");
  if (const auto text = node_content(path)) return *text;
  if (const auto set = tunables_.find(std::string(path)); set != tunables_.end()) return set->second;
  const bool setting = is_setting(path);
  if (setting || path.starts_with(kOwnFolder)) {
    const auto& files = setting ? settings_ : files_;
    const auto file = files.find(std::string(path));
    if (file == files.end()) return Absent{};
    return std::string(without_newline(file->second));
  }
  if (const auto at = below(kDevices, path); at && devices_.contains(at->name)) {
    if (at->rest == "d3cold_allowed" && !devices_.at(at->name).d3cold_allowed.empty())
      return devices_.at(at->name).d3cold_allowed;
    if (at->rest == "sriov_drivers_autoprobe" && !devices_.at(at->name).autoprobe.empty())
      return devices_.at(at->name).autoprobe;
    if (at->rest == "reset_method" && !statics_.at(at->name).reset_methods.empty())
      return devices_.at(at->name).reset_method;
    if (const auto text = content_after_reset(at->name, at->rest)) return *text;
    if (const auto text = slice_content(at->name, at->rest)) return *text;
    if (at->rest == "sriov_numvfs" && statics_.at(at->name).total_vfs > 0)
      return fmt::to_string(devices_.at(at->name).vfs);
  }
  return machine_->read(path);
}

Fact<std::string> FakeKernel::read_guarded(std::string_view path) const {
  const auto at = below(kDevices, path);
  if (!at || !devices_.contains(at->name)) return content(path);
  if (may_block(path) && wedged_.contains(at->name))
    return unknown_path(path, "no answer before the deadline");
  if (at->rest != "driver_override") return content(path);
  const std::string& name = devices_.at(at->name).driver_override;
  return name.empty() ? "(null)" : name;
}

Fact<std::string> FakeKernel::link(std::string_view path) const {
  if (is_gone(path)) return Absent{};
  if (const auto at = below(kDevices, path); at && at->rest.starts_with("virtfn")) {
    const auto target = virtual_function(path);
    if (!target) return Absent{};
    if (at->rest.find('/') != std::string::npos) return link(*target);
    return "../" + last_component(*target);
  }
  if (const auto at = below(kDevices, path); at && at->rest == "driver" && devices_.contains(at->name)) {
    const std::string& driver = devices_.at(at->name).driver;
    if (driver.empty()) return Absent{};
    return "../../../../bus/pci/drivers/" + driver;
  }
  if (const auto target = slice_link(path)) return target->empty() ? Fact<std::string>(Absent{}) : *target;
  if (const auto at = below(kPlatform, path); at && !framebuffer_name_.empty()) {
    if (at->rest == framebuffer_name_) return "../../../devices/platform/" + framebuffer_name_;
    if (at->rest == framebuffer_name_ + "/driver" && framebuffer_)
      return std::string("../../../bus/platform/drivers/") +
             std::string(framebuffer_driver(framebuffer_name_));
    return Absent{};
  }
  return machine_->link(path);
}

Fact<std::vector<std::string>> FakeKernel::list(std::string_view path) const {
  if (is_gone(path)) return Absent{};
  if (const auto names = slice_names(path)) return *names;
  if (path == "/sys/bus/pci/drivers") {
    std::vector<std::string> names = drivers_;
    std::ranges::sort(names);
    return names;
  }
  if (const auto at = below(kDrivers, path); at && at->rest.empty()) {
    if (!has_driver(at->name)) return Absent{};
    std::vector<std::string> names{"bind", "new_id", "remove_id", "uevent", "unbind"};
    for (const auto& [address, device] : devices_)
      if (device.driver == at->name) names.push_back(address);
    std::ranges::sort(names);
    return names;
  }
  if (path == "/dev/vfio") {
    std::set<std::string> nodes{"vfio"};
    for (const auto& [address, device] : devices_)
      if (is_vfio_driver(device.driver)) nodes.insert(statics_.at(address).group);
    return std::vector<std::string>(nodes.begin(), nodes.end());
  }
  if (path == "/sys/class/vtconsole" && !console_on_.empty()) return std::vector<std::string>{"vtcon1"};
  if (path == "/boot") {
    std::vector<std::string> names;
    for (const auto& [image, content] : images_) names.push_back(last_component(image));
    return names;
  }
  const bool in_journal = (std::string(path) + "/").starts_with(kJournal);
  if (in_journal || (std::string(path) + "/").starts_with(kOwnFolder)) {
    std::set<std::string> names;
    for (const auto& [file, content] : in_journal ? journal_ : files_)
      if (const auto at = below(std::string(path) + "/", file)) names.insert(at->name);
    if (names.empty()) return Absent{};
    return std::vector<std::string>(names.begin(), names.end());
  }
  const auto names = machine_->list(path);
  const bool of_group = path.starts_with("/sys/kernel/iommu_groups/") && path.ends_with("/devices");
  if (names && (path == "/sys/bus/pci/devices" || of_group)) return without_gone(*names);
  if (names && path == "/sys/kernel/iommu_groups") return groups_with_members(*names);
  return names;
}

/// A group vanishes with its last member.
std::vector<std::string> FakeKernel::groups_with_members(std::vector<std::string> groups) const {
  std::erase_if(groups, [&](const std::string& group) {
    const auto members = machine_->list(fmt::format("/sys/kernel/iommu_groups/{}/devices", group));
    return members && !members->empty() && without_gone(*members).empty();
  });
  return groups;
}

// --- writing ---

void FakeKernel::require_lock(std::string_view subject) const {
  const auto held = [](const auto& lock) { return !lock.second.expired(); };
  if (std::ranges::none_of(locks_, held)) ADD_FAILURE() << "changed without holding the lock: " << subject;
}

void FakeKernel::write(std::string_view path, std::string_view value) {
  store(path, value, Guard::No);
}

void FakeKernel::write_guarded(std::string_view path, std::string_view value) {
  store(path, value, Guard::Yes);
}

void FakeKernel::store(std::string_view path, std::string_view value, Guard guard) {
  require_lock(path);
  log_.push_back(fmt::format("{} = {}", path, without_newline(value)));
  if (value.empty()) ADD_FAILURE() << "a write of nothing is no write: " << path;
  faults_.change("write", path, [&] {
    if (!is_for_gpupass(path)) ADD_FAILURE() << "no attribute that may be written: " << path;
    if (may_wait(path) && guard == Guard::No) ADD_FAILURE() << "written without a deadline: " << path;
    if (const auto at = below(kDevices, path); at && may_wait(path) && wedged_.contains(at->name))
      throw Error(ErrorCode::Wedged, at->name, fmt::format("cannot write {}: it did not return", path));
    if (const int error = react(path, without_newline(value)); error != 0)
      throw system_error("write", path, error);
  });
}

void FakeKernel::save(std::string_view path, std::string_view content) {
  require_lock(path);
  log_.push_back(fmt::format("{} = {}", path, without_newline(content)));
  const bool setting = is_setting(path);
  if (!setting && !path.starts_with(kOwnFolder))
    ADD_FAILURE() << "saved outside " << kOwnFolder << ": " << path;
  faults_.change("save", path, [&] { (setting ? settings_ : files_)[std::string(path)] = content; });
}

void FakeKernel::remove(std::string_view path) {
  require_lock(path);
  if (path.starts_with(kJournal))
    return journal_faults_.change("remove", path, [&] { journal_.erase(std::string(path)); });
  log_.push_back(fmt::format("{} removed", path));
  const bool setting = is_setting(path);
  if (!setting && !path.starts_with(kOwnFolder))
    ADD_FAILURE() << "removed outside " << kOwnFolder << ": " << path;
  faults_.change("remove", path, [&] { (setting ? settings_ : files_).erase(std::string(path)); });
}

// --- services ---

void FakeKernel::answer(AnyExchange& exchange) const {
  std::visit([this](auto& each) { each.answer = reply(each.question); }, exchange);
}

void FakeKernel::carry_out(const Order& order) {
  std::visit([this](const auto& each) { obey(each); }, order);
}

Fact<std::vector<DomainXml>> FakeKernel::reply(const DomainsQuestion&) const {
  return hypervisor_.domains();
}

Fact<bool> FakeKernel::reply(const ServiceQuestion& question) const {
  return runs(question.unit);
}

bool FakeKernel::runs(const std::string& unit) const {
  return sessions_.contains(unit) ? !ended_sessions_.contains(unit) : services_.at(unit);
}

void FakeKernel::obey(const ServiceOrder& order) {
  const std::string& unit = order.unit;
  const bool running = order.running;
  require_lock(unit);
  log_.push_back(fmt::format("{} {}", running ? "start" : "stop", unit));
  faults_.change("service", unit, [&] {
    if (!sessions_.contains(unit))
      services_.at(unit) = running;
    else if (running)
      ADD_FAILURE() << "nothing but a login begins " << unit;
    else
      ended_sessions_.insert(unit);
    const std::string& address = opens_.at(unit);
    const bool any_runs = std::ranges::any_of(
        opens_, [&](const auto& opener) { return opener.second == address && runs(opener.first); });
    FakeDevice& device = devices_.at(address);
    device.open = any_runs && !device.driver.empty() && !is_vfio_driver(device.driver);
  });
}

Fact<std::vector<PersistenceMode>> FakeKernel::reply(const PersistenceQuestion& question) const {
  std::vector<PersistenceMode> modes;
  for (const PciAddress device : question.devices) {
    const FakeDevice& now = devices_.at(device.to_string());
    modes.push_back({device, now.driver == "nvidia" ? Fact<bool>(now.persistence)
                                                    : Unknown{"the driver does not have it"}});
  }
  return modes;
}

void FakeKernel::obey(const PersistenceOrder& order) {
  const bool on = order.on;
  const std::string name = order.device.to_string();
  require_lock(name);
  log_.push_back(fmt::format("persistence mode of {} = {}", name, on ? 1 : 0));
  faults_.change("persistence", name, [&] {
    FakeDevice& now = devices_.at(name);
    if (now.driver != "nvidia") throw system_error("set the persistence mode of", name, ENODEV);
    now.persistence = on;
  });
}

void FakeKernel::obey(const LoadModuleOrder& order) {
  const std::string& name = order.name;
  require_lock(name);
  log_.push_back("module " + name);
  faults_.change("load", name, [&] {
    if (uninstalled_.contains(name))
      throw Error(ErrorCode::System, name, fmt::format("cannot load {}: Module {} not found", name, name));
    register_driver(name);
    attach_all(name);
  });
}

void FakeKernel::obey(const WriteSeedOrder& order) {
  const std::string path = seed_path(order.domain);
  require_lock(path);
  log_.push_back("write " + path);
  faults_.change("write", path, [&] {
    if (settings_.contains(path)) throw system_error("write", path, EEXIST);
    settings_[path] = "CD001" + meta_data(order.domain, order.user_data) + order.user_data;
  });
}

// --- boot images ---

void FakeKernel::add_boot_image(const std::string& kernel) {
  images_[std::string(kImagePrefix) + kernel] = {"scripts/init-top/udev"};
}

Fact<std::vector<std::string>> FakeKernel::reply(const BootImageQuestion& question) const {
  const auto image = images_.find(question.path);
  if (image == images_.end()) return Absent{};
  return image->second;
}

void FakeKernel::require_boot_lock(const BootImage& image) const {
  require_lock(image.path);
  const auto lock = locks_.find("boot");
  if (lock == locks_.end() || lock->second.expired())
    ADD_FAILURE() << "changed without holding its lock: " << image.path;
  if (!images_.contains(image.path)) ADD_FAILURE() << "there is no boot image " << image.path;
}

/// As the hook does it: what the file says when the image is built.
void FakeKernel::obey(const BuildBootImageOrder& order) {
  const BootImage& image = order.image;
  require_boot_lock(image);
  log_.push_back("build " + replacement_path(image));
  faults_.change("build", replacement_path(image), [&] {
    std::vector<std::string> names = {"scripts/init-top/udev"};
    if (const auto file = settings_.find(std::string(kBootFile)); file != settings_.end()) {
      for (const BootBinding& binding : parse_boot_file(without_newline(file->second)))
        names.push_back(boot_image_entry(binding));
      names.push_back("scripts/init-top/gpupass");
      if (vfio_in_images_)
        names.push_back("usr/lib/modules/" + image.kernel + "/kernel/drivers/vfio/pci/vfio-pci.ko");
    }
    images_[replacement_path(image)] = names;
  });
}

void FakeKernel::obey(const ExchangeBootImageOrder& order) {
  const BootImage& image = order.image;
  require_boot_lock(image);
  log_.push_back("exchange " + image.path);
  faults_.change("exchange", image.path, [&] {
    if (!images_.contains(replacement_path(image))) throw system_error("exchange", image.path, ENOENT);
    std::swap(images_.at(image.path), images_.at(replacement_path(image)));
  });
}

void FakeKernel::obey(const DropBootImageOrder& order) {
  const BootImage& image = order.image;
  require_boot_lock(image);
  log_.push_back("drop " + replacement_path(image));
  faults_.change("remove", replacement_path(image), [&] { images_.erase(replacement_path(image)); });
}

/// As the script in the image does it, from the image of the last kernel.
bool FakeKernel::is_bound_by_boot(const std::string& address) const {
  const std::vector<std::string>* booted = nullptr;
  for (const auto& [path, names] : images_)
    if (!path.ends_with(".gpupass")) booted = &names;
  const std::string start = std::string(kBootImageFolder) + address + ',';
  return booted &&
         std::ranges::any_of(*booted, [&](const std::string& name) { return name.starts_with(start); }) &&
         !statics_.at(address).group.empty();
}

// --- what every boot does ---

void FakeKernel::boot_with_grub() {
  grub_ = true;
  settings_[std::string(kGrubConfig)] = grub_config();
}

/// As grub-mkconfig of Debian makes it.
std::string FakeKernel::grub_config() const {
  std::string options = "quiet";
  if (const auto file = settings_.find(std::string(kGrubFile)); file != settings_.end()) {
    constexpr std::string_view kStart = "=\"$GRUB_CMDLINE_LINUX_DEFAULT";
    const std::string& text = file->second;
    const std::size_t start = text.find(kStart);
    if (start != text.npos)
      options +=
          text.substr(start + kStart.size(), text.find('"', start + kStart.size()) - start - kStart.size());
  }
  if (options_set_after_) options = "splash";
  return fmt::format(
      "menuentry 'Debian' {{\n\tlinux\t/boot/vmlinuz root=/dev/sda1 ro {}\n}}\n"
      "menuentry 'Debian (recovery mode)' {{\n\tlinux\t/boot/vmlinuz root=/dev/sda1 ro single\n}}\n",
      options);
}

void FakeKernel::obey(const UpdateBootLoaderOrder&) {
  const std::string path(kGrubConfig);
  require_lock(path);
  log_.push_back("update-grub");
  faults_.change("write", path, [&] { settings_[path] = grub_config(); });
}

void FakeKernel::append(std::string_view path, std::string_view text, bool) {
  require_lock(path);
  if (!path.starts_with(kJournal)) ADD_FAILURE() << "appended outside " << kJournal << ": " << path;
  journal_faults_.change("write", path, [&] { journal_[std::string(path)] += text; });
}

/// Nothing depends on the names of files, so this one does not fail: see the journal's own tests.
void FakeKernel::rename(std::string_view path, std::string_view new_path) {
  require_lock(path);
  auto file = journal_.extract(std::string(path));
  if (!file)
    throw Error(ErrorCode::NotFound, std::string(path),
                fmt::format("cannot rename {}: it is not there", path));
  file.key() = new_path;
  journal_.insert(std::move(file));
}

std::shared_ptr<void> FakeKernel::lock(const std::string& name) {
  std::weak_ptr<void>& lock = locks_[name];
  if (held_elsewhere_ || !lock.expired())
    throw Error(ErrorCode::Busy, name, fmt::format("cannot lock {}: another gpupass holds it", name));
  const std::shared_ptr<void> held = std::make_shared<int>();
  lock = held;
  return held;
}

void FakeKernel::reboot(const FakeState& booted) {
  FakeState now = booted;
  now.files.clear();
  now.tunables.clear();
  now.journal = journal_;
  now.boots = boots_ + 1;
  now.domains = hypervisor_.state();
  std::erase_if(now.domains, [](const auto& domain) { return !domain.second.persistent; });
  for (auto& [name, domain] : now.domains) {
    domain.active = false;
    domain.live_xml.clear();
  }
  now.settings = settings_;
  now.images = images_;
  if (const auto file = settings_.find(std::string(kPagesFile)); file != settings_.end())
    for (const NodePages& asked : parse_pages_file(without_newline(file->second)))
      now.pages[pool_path(asked)] = asked.count;
  const bool had_bindings = booted.settings.contains(std::string(kBootFile));
  for (auto& [address, device] : now.devices) {
    make_slices_of_boot(address, device);
    if (const auto last = devices_.find(address); last != devices_.end()) device.mig = last->second.mig;
    device.mig_instances.clear();
    if (!device.d3cold_allowed.empty()) device.d3cold_allowed = "1";
    if (is_bound_by_boot(address)) {
      device.driver = device.driver_override = "vfio-pci";
    } else if (had_bindings &&
               device.driver_override == "vfio-pci") {  // It was bound by a boot, and is no more.
      device.driver = statics_.at(address).match;
      device.driver_override.clear();
    }
  }
  restore(now);
}

}  // namespace gpupass
