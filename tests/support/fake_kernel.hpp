// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "support/fake_hypervisor.hpp"
#include "support/faults.hpp"

namespace gpupass {

/// A GPU instance of MIG.
struct FakeMigInstance {
  unsigned profile_id = 0;
  unsigned size = 0;
  std::vector<MigSpan> compute;  ///< Ascending.
  friend bool operator==(const FakeMigInstance&, const FakeMigInstance&) = default;
};

/// One PCI function, as far as its binding goes.
struct FakeDevice {
  std::string driver;               ///< Empty: none is bound.
  std::string driver_override;      ///< Empty: none is set.
  unsigned vfs = 0;                 ///< Enabled now.
  std::string autoprobe = {};       ///< Of new virtual functions. Empty: the kernel has no such attribute.
  std::string d3cold_allowed = {};  ///< Empty: the kernel has no such attribute.
  std::string reset_method = {};    ///< Empty: nothing resets it.
  bool persistence = false;         ///< NVIDIA's driver waits for itself.
  bool open = false;                ///< A service has it open, and its driver waits for that.
  unsigned vgpu = 0;                ///< The type of its vGPU. 0: none.
  std::map<std::string, std::string> mediated = {};        ///< The types of its mediated devices, by UUID.
  bool mig = false;                                        ///< It is in MIG mode.
  std::map<unsigned, FakeMigInstance> mig_instances = {};  ///< By their start.
  friend bool operator==(const FakeDevice&, const FakeDevice&) = default;
};

/// A type of slice that a driver makes.
struct FakeSliceType {
  std::string type;
  std::string name;
  unsigned memory = 1;
};

/// What slices a driver makes of one GPU, which has so much memory for them.
struct FakeSlices {
  enum class Kind { Vgpus, Mediated };
  Kind kind = Kind::Vgpus;
  std::vector<FakeSliceType> types;
  unsigned memory = 1;
  bool one_type = false;  ///< All that there are must have one type.
};

/// What a card may do in a reset.
enum class FakeReset {
  Returns,  ///< As it should.
  Refused,  ///< The kernel says so, and nothing happens.
  Hangs,    ///< The write does not return.
  Silent,   ///< The kernel says that it worked, and all registers read ones.
  Narrow,   ///< Its link has half of its lanes.
  Moved,    ///< Its memory has lost its addresses.
  Erring,   ///< Its link has had an error that was not corrected.
  Gone,     ///< It has fallen off its bus, and the kernel has noticed.
};

/// All that the fake kernel may come to differ in from the machine that it started from.
struct FakeState {
  std::map<std::string, FakeDevice> devices;    ///< By address.
  std::map<std::string, std::string> files;     ///< Below /run/gpupass, by path.
  std::map<std::string, DomainXml> domains;     ///< By name.
  std::map<std::string, std::string> settings;  ///< Below /etc/gpupass, and hooks for boot images, by path.
  std::map<std::string, std::vector<std::string>>
      images;                                   ///< What each file in /boot holds of ours, by path.
  std::map<std::string, bool> services;         ///< Whether each runs.
  std::map<std::string, std::uint64_t> pages;   ///< Huge pages, by the file that counts them.
  std::map<std::string, std::string> tunables;  ///< Those that are not as found, by path.
  bool console = false;                         ///< The kernel's consoles are drawn.
  bool framebuffer = false;                     ///< A driver shows the firmware's framebuffer.
  std::map<std::string, unsigned> resets;       ///< By address. None is taken back, so this is no state.
  std::set<std::string> ended_sessions;  ///< Nothing begins them again, so this is no state to come back to.
  std::map<std::string, std::string>
      journal;  ///< Below /var/lib/gpupass, by path. It tells of states, and is none.
  unsigned boots = 1;
  friend bool operator==(const FakeState& one, const FakeState& other) {
    return one.devices == other.devices && one.files == other.files && one.domains == other.domains &&
           one.services == other.services && one.settings == other.settings && one.images == other.images &&
           one.pages == other.pages && one.tunables == other.tunables && one.console == other.console &&
           one.framebuffer == other.framebuffer;
  }
};

/// A machine in memory that reacts to writes as Linux does: what it does not react to is the machine it was
/// made from; virtual functions that are not enabled are in that machine, and hidden. A write that no kernel
/// attribute takes fails the test, and so does an access to an attribute that may block for ever, when it is
/// not behind a deadline.
class FakeKernel final : public System {
 public:
  /// The binding of each function is that of `machine`, and what is bound is what the kernel would choose.
  explicit FakeKernel(std::shared_ptr<const System> machine);

  // --- what a test arranges ---

  /// Lets the kernel choose `driver` for a function that has no override. Empty: none matches.
  void match(PciAddress device, const std::string& driver);
  /// A driver that is there, whether something is bound to it or not.
  void register_driver(const std::string& driver);
  void unregister_driver(const std::string& driver) { std::erase(drivers_, driver); }
  /// Neither the driver nor a module that brings it is there.
  void uninstall_driver(const std::string& driver) {
    unregister_driver(driver);
    uninstalled_.insert(driver);
  }
  /// The driver's probe() of the function fails.
  void refuse_probe(const std::string& driver, PciAddress device, int error_number);
  /// The bound driver's remove() never returns.
  void hang_in_remove(PciAddress device) { hanging_.insert(device.to_string()); }
  void hold_lock_of(PciAddress device) { wedged_.insert(device.to_string()); }
  /// The remove() that hung returns after all, too late for who waited.
  void return_late(PciAddress device) {
    devices_.at(device.to_string()).driver.clear();
    hanging_.erase(device.to_string());
    wedged_.erase(device.to_string());
  }
  /// It falls off the bus, or somebody removes it.
  void pull(PciAddress device) { devices_.erase(device.to_string()); }
  /// Another process binds or unbinds, as udev or an administrator would.
  void meddle(PciAddress device, FakeDevice now) {
    FakeDevice& changed = devices_.at(device.to_string());
    now.d3cold_allowed = changed.d3cold_allowed;
    now.persistence = changed.persistence;
    now.vfs = changed.vfs;
    now.autoprobe = changed.autoprobe;
    now.reset_method = changed.reset_method;
    now.open = changed.open;
    now.vgpu = changed.vgpu;
    now.mediated = changed.mediated;
    now.mig = changed.mig;
    now.mig_instances = changed.mig_instances;
    changed = std::move(now);
  }
  /// A service that opens a device when it starts, if that has a driver of the host, and then keeps it open.
  void add_service(const std::string& unit, PciAddress device) {
    services_[unit] = true;
    opens_[unit] = device.to_string();
    devices_.at(device.to_string()).open = true;
  }
  /// A login session that has a device open until it ends.
  void add_session(const std::string& unit, PciAddress device) {
    sessions_.insert(unit);
    opens_[unit] = device.to_string();
    devices_.at(device.to_string()).open = true;
  }
  /// The kernel's consoles are drawn on a framebuffer of the device, whose driver waits for that.
  void draw_console(PciAddress device) {
    console_on_ = device.to_string();
    console_ = true;
  }
  /// The firmware's framebuffer, in the memory of the device: while it is shown, vfio-pci cannot have that.
  void show_framebuffer(const std::string& name, PciAddress device) {
    framebuffer_name_ = name;
    framebuffer_in_ = device.to_string();
    framebuffer_ = true;
  }
  /// It is of Debian, and GRUB boots it. Its entries have the words of the user, "quiet", and then gpupass's.
  void boot_with_grub();
  /// Somebody else sets a tunable, or unsets it.
  void meddle_with_tunable(const std::string& path, const std::string& value) { set_tunable(path, value); }
  /// A file behind gpupass's sets the kernel's options anew.
  void set_options_after_gpupass() { options_set_after_ = true; }
  /// Its driver makes vGPUs of its virtual functions, or mediated devices of the GPU itself.
  void offer_slices(PciAddress gpu, FakeSlices slices) { slices_[gpu.to_string()] = std::move(slices); }
  /// It can be in MIG mode, and keeps that over boots.
  void offer_mig(PciAddress gpu) { mig_.insert(gpu.to_string()); }
  /// A process computes on all its MIG instances.
  void compute_on_mig(PciAddress gpu) { computing_.insert(gpu.to_string()); }
  /// Mediated devices can be kept over boots.
  void install_mdevctl() { mdevctl_ = true; }
  void persist(PciAddress device) { devices_.at(device.to_string()).persistence = true; }
  /// What the function does in each reset from now on.
  void behave_in_reset(PciAddress device, FakeReset behaviour) {
    reset_behaviours_[device.to_string()] = behaviour;
  }
  unsigned resets(PciAddress device) const {
    const auto found = resets_.find(device.to_string());
    return found == resets_.end() ? 0 : found->second;
  }
  /// Another gpupass holds the lock.
  void hold_lock() { held_elsewhere_ = true; }

  /// A file of the journal that is there and cannot be read.
  void make_unreadable(const std::string& path) { unreadable_.insert(path); }

  Faults& faults() { return faults_; }
  /// Of the writes into the journal, which faults() does not count.
  Faults& journal_faults() { return journal_faults_; }
  /// A boot image of this kernel, with nothing of ours in it. It boots from the last one.
  void add_boot_image(const std::string& kernel);
  /// What builds boot images leaves vfio-pci out from now on.
  void forget_vfio_in_images() { vfio_in_images_ = false; }
  /// As after a loss of power: drivers are those of `booted`, but for what the boot image binds; /run is
  /// empty, guests are shut off.
  void reboot(const FakeState& booted);
  FakeHypervisor& fake_hypervisor() { return hypervisor_; }
  FakeState state() const {
    return {devices_,  files_,   hypervisor_.state(), settings_, images_,         services_, pages_,
            tunables_, console_, framebuffer_,        resets_,   ended_sessions_, journal_,  boots_};
  }
  /// Back to a state; nothing fails or hangs any more, and nothing was written yet.
  void restore(const FakeState& state);
  const FakeDevice& device(PciAddress address) const { return devices_.at(address.to_string()); }
  /// What Linux answers when anybody writes there, and what it does: an error number, or 0.
  int react(std::string_view path, std::string_view value);
  /// Each write that was tried: "path = value".
  const std::vector<std::string>& log() const { return log_; }

  // --- System ---

  Fact<std::string> read(std::string_view path) const override;
  Fact<std::vector<std::string>> list(std::string_view path) const override;
  Fact<std::string> link(std::string_view path) const override;
  Fact<std::string> read_guarded(std::string_view path) const override;
  Fact<std::string> device_number(std::string_view path) const override {
    return machine_->device_number(path);
  }
  Fact<bool> is_writing(const std::string& lock) const override { return wedged_.contains(lock); }
  bool live() const override { return true; }

  void write(std::string_view path, std::string_view value) override;
  void write_guarded(std::string_view path, std::string_view value) override;
  void save(std::string_view path, std::string_view content) override;
  void rename(std::string_view path, std::string_view new_path) override;
  void remove(std::string_view path) override;
  void carry_out(const Order& order) override;
  void append(std::string_view path, std::string_view text, bool durable) override;
  std::shared_ptr<void> lock(const std::string& name) override;
  Hypervisor& hypervisor() override { return hypervisor_; }
  std::string hypervisor_uri() const override { return uri_; }
  /// The next one to open this machine names another libvirt.
  void name_hypervisor(const std::string& uri) { uri_ = uri; }

 private:
  void read_boot_hooks();
  bool is_gone(std::string_view path) const;
  std::optional<std::string> virtual_function(std::string_view path) const;
  std::vector<std::string> groups_with_members(std::vector<std::string> groups) const;
  std::vector<std::string> without_gone(std::vector<std::string> addresses) const;
  Fact<std::string> content(std::string_view path) const;
  enum class Guard { No, Yes };
  using Ids = std::pair<std::uint32_t, std::uint32_t>;  // Of a vendor, and of its device.
  struct Static {                                       // What of a function does not change.
    bool bridge = false;
    std::string group;  // Empty: its DMA is not translated.
    unsigned total_vfs = 0;
    std::vector<std::string> vfs;  // Those that it may have, in their order.
    std::string physical;          // Of a virtual function.
    std::string match;
    Ids ids;
    std::string path;           // With the bridges above.
    std::string reset_methods;  // All that it has.
    bool d3cold = false;        // Whether it has the attribute.
  };

  void answer(AnyExchange& exchange) const override;
  Fact<std::vector<DomainXml>> reply(const DomainsQuestion& question) const;
  Fact<std::vector<std::string>> reply(const BootImageQuestion& question) const;
  Fact<bool> reply(const ServiceQuestion& question) const;
  Fact<std::vector<PersistenceMode>> reply(const PersistenceQuestion& question) const;
  Fact<std::vector<MigOfGpu>> reply(const MigQuestion& question) const;
  Fact<Mig> mig_of(const std::string& address) const;
  /// What it does not simulate, the machine answers that it was made from.
  template <typename Question>
  Fact<typename Question::Reply> reply(const Question& question) const {
    return machine_->ask(question);
  }
  void obey(const LoadModuleOrder& order);
  void obey(const BuildBootImageOrder& order);
  void obey(const ExchangeBootImageOrder& order);
  void obey(const DropBootImageOrder& order);
  void obey(const UpdateBootLoaderOrder& order);
  void obey(const ServiceOrder& order);
  void obey(const AllowedCpusOrder& order);
  void obey(const PersistenceOrder& order);
  void obey(const MigModeOrder& order);
  void obey(const MigInstanceOrder& order);
  void obey(const WriteSeedOrder& order);
  void obey(const MediatedDefinitionOrder& order);
  void store(std::string_view path, std::string_view value, Guard guard);
  bool runs(const std::string& unit) const;
  /// Whether gpupass may write there; and whether such a write may wait for a device's lock.
  bool is_for_gpupass(std::string_view path) const;
  bool may_wait(std::string_view path) const;
  bool has_driver(std::string_view driver) const;
  int react_of_device(const std::string& address, const std::string& attribute, const std::string& value);
  int react_of_driver(const std::string& driver, const std::string& attribute, const std::string& value);
  int store_remove(const std::string& address, std::string_view value);
  int rescan(std::string_view value);
  static std::optional<Ids> parse_ids(const std::string& value);
  int new_id(const std::string& driver, const std::string& value);
  int remove_id(const std::string& driver, const std::string& value);
  void attach_all(const std::string& driver);
  int store_pages(std::string_view path, std::string_view value);
  void read_pages();
  std::uint64_t found_pages(const std::string& path) const;
  std::optional<std::string> node_content(std::string_view path) const;
  int store_tunable(std::string_view path, std::string_view value);
  void set_tunable(const std::string& path, const std::string& value);
  std::string grub_config() const;
  int store_console(std::string_view value);
  int store_framebuffer(std::string_view driver_file, std::string_view value);
  int store_override(FakeDevice& device, std::string_view value);
  int store_d3cold(FakeDevice& device, std::string_view value);
  int store_autoprobe(FakeDevice& device, std::string_view value);
  int store_reset_method(const std::string& address, FakeDevice& device, std::string_view value);
  int reset(const std::string& address, std::string_view value);
  std::optional<std::string> content_after_reset(const std::string& address, const std::string& rest) const;
  void find_virtual_functions();
  const FakeSlices* slices_by(const std::string& address) const;
  unsigned room_for(const std::string& address, const FakeSliceType& type) const;
  bool is_slice_attribute(const std::string& address, const std::string& rest) const;
  std::optional<std::string> slice_content(const std::string& address, const std::string& rest) const;
  std::optional<std::vector<std::string>> slice_names(std::string_view path) const;
  std::optional<std::string> slice_link(std::string_view path) const;
  int store_slice(const std::string& address, const std::string& rest, const std::string& value);
  int store_vgpu(const std::string& address, std::string_view value);
  int create_mediated(const std::string& address, const std::string& type, const std::string& uuid);
  void make_slices_of_boot(const std::string& address, FakeDevice& device) const;
  int store_vfs(const std::string& address, FakeDevice& device, std::string_view value);
  int bind(const std::string& driver, const std::string& address);
  int unbind(const std::string& driver, const std::string& address);
  int drivers_probe(const std::string& address);
  int probe(const std::string& driver, const std::string& address);
  bool matches(const std::string& driver, const std::string& address) const;
  void require_lock(std::string_view subject) const;
  void require_boot_lock(const BootImage& image) const;
  bool is_bound_by_boot(const std::string& address) const;

  std::shared_ptr<const System> machine_;
  std::map<std::string, Static> statics_;
  std::vector<std::string> drivers_;          // In the order in which they came, and are asked.
  std::map<std::string, std::set<Ids>> ids_;  // Added by new_id, by driver.
  std::set<std::string> uninstalled_;
  std::map<std::pair<std::string, std::string>, int> refusals_;  // By driver and address.
  std::set<std::string> hanging_;
  std::set<std::string> wedged_;  // Functions whose lock is held for ever.
  std::map<std::string, FakeDevice> devices_;
  std::map<std::string, unsigned> resets_;
  std::map<std::string, FakeReset> reset_behaviours_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> journal_;
  std::set<std::string> unreadable_;
  std::map<std::string, std::string> settings_;
  std::map<std::string, std::vector<std::string>> images_;
  std::map<std::string, std::uint64_t> pages_;
  std::map<std::string, std::string> tunables_;
  bool grub_ = false;
  bool options_set_after_ = false;
  std::map<std::string, bool> services_;
  std::map<std::string, std::string> opens_;
  std::set<std::string> sessions_;
  std::set<std::string> ended_sessions_;
  std::string console_on_;  // Empty: the machine has no framebuffer that the kernel could draw on.
  bool console_ = false;
  std::string framebuffer_name_;  // Empty: the firmware has set up none.
  std::string framebuffer_in_;
  bool framebuffer_ = false;
  unsigned boots_ = 1;
  std::string uri_ = "qemu:///system";
  Faults faults_;
  Faults journal_faults_;
  FakeHypervisor hypervisor_;
  std::vector<std::string> log_;
  std::map<std::string, std::weak_ptr<void>> locks_;
  bool held_elsewhere_ = false;
  bool vfio_in_images_ = true;
  std::map<std::string, FakeSlices> slices_;  // By the GPU's address.
  bool mdevctl_ = false;
  std::set<std::string> mig_;        // Those that can be in MIG mode.
  std::set<std::string> computing_;  // Those on whose instances a process computes.
};

}  // namespace gpupass
