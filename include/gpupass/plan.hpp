// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpupass/domain.hpp"
#include "gpupass/host.hpp"
#include "gpupass/preparation.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Records where a function belongs, or forgets it. The record is durable before the call returns.
struct SetHome {
  PciAddress device;
  std::optional<Home> home;
  friend bool operator==(const SetHome&, const SetHome&) = default;
};

/// Brings a function to a driver and an override. Reaches that state from any other.
struct SetDriver {
  PciAddress device;
  DriverState state;
  bool kernel_chooses = false;  ///< Clear the override and take whichever driver the kernel finds.
  friend bool operator==(const SetDriver&, const SetDriver&) = default;
};

/// Allows or forbids the kernel to cut a function's power while nobody uses it: some cards do not come back
/// from that.
struct SetD3cold {
  PciAddress device;
  bool allowed = true;
  friend bool operator==(const SetD3cold&, const SetD3cold&) = default;
};

/// Sets how many virtual functions a function has. New ones get no driver; `drivers_autoprobe` decides about
/// later ones. One that a driver has is not taken away.
struct SetVirtualFunctions {
  PciAddress device;
  unsigned count = 0;
  std::optional<bool> drivers_autoprobe = {};  ///< nullopt: the kernel has no such switch.
  friend bool operator==(const SetVirtualFunctions&, const SetVirtualFunctions&) = default;
};

/// Sets the methods by which the kernel may reset a function, in the order in which it tries them.
struct SetResetMethods {
  PciAddress device;
  std::vector<std::string> methods;  ///< As the kernel names them: "flr", "bus".
  friend bool operator==(const SetResetMethods&, const SetResetMethods&) = default;
};

/// Resets a function by this method, which must be the only one that the kernel may use. This is no state:
/// who asks twice gets two resets, and nothing takes one back. The function must answer afterwards.
struct ResetDevice {
  PciAddress device;
  std::string method;
  friend bool operator==(const ResetDevice&, const ResetDevice&) = default;
};

/// Stops a service of the system or a login session, or starts a service.
struct SetService {
  std::string unit;  ///< "nvidia-persistenced.service", "session-2.scope".
  bool running = false;
  friend bool operator==(const SetService&, const SetService&) = default;
};

/// Whether NVIDIA's driver keeps a GPU awake while nobody uses it. In that mode the driver never releases the
/// GPU.
struct SetPersistence {
  PciAddress device;
  bool on = false;
  friend bool operator==(const SetPersistence&, const SetPersistence&) = default;
};

/// Makes a kernel module's drivers available. A loaded module that binds nothing changes nothing.
struct LoadModule {
  std::string module;
  friend bool operator==(const LoadModule&, const LoadModule&) = default;
};

/// Sets or removes a domain's persistent definition.
struct SetDomain {
  std::string name;
  std::optional<std::string> xml;
  friend bool operator==(const SetDomain&, const SetDomain&) = default;
};

/// Sets the part of a domain's persistent metadata that records which devices its definition means.
struct SetMetadata {
  std::string domain;
  std::string xml;  ///< "<vm>...</vm>"; empty: nothing.
  friend bool operator==(const SetMetadata&, const SetMetadata&) = default;
};

/// Starts a domain, or stops it at once.
struct SetPower {
  std::string domain;
  bool running = false;
  friend bool operator==(const SetPower&, const SetPower&) = default;
};

/// Gives a host device to a domain, or takes it back, in one of its two definitions.
struct SetDevice {
  std::string domain;
  DeviceId device;
  Scope scope = Scope::Config;
  bool present = false;
  std::string xml;                ///< The element hostdev.
  unsigned timeout_seconds = 60;  ///< For a live guest to let go.
  friend bool operator==(const SetDevice&, const SetDevice&) = default;
};

/// What every boot binds to vfio-pci early: the file that lists it, and all boot images, which have a copy.
/// Each image is built and checked beside the old one before it replaces it. The old images are kept until
/// all new ones are in place.
struct SetBootBindings {
  std::vector<BootBinding> bindings;  ///< All there are then. Empty: no file.
  BootTool tool = BootTool::InitramfsTools;
  std::vector<BootImage> images;
  friend bool operator==(const SetBootBindings&, const SetBootBindings&) = default;
};

/// Writes one of gpupass's own files, or removes it.
struct SetOwnFile {
  std::string path;                    ///< As is_own_file() has it.
  std::optional<std::string> content;  ///< Without its last newline. None: no such file.
  friend bool operator==(const SetOwnFile&, const SetOwnFile&) = default;
};

/// What every boot adds to the kernel's options, behind those of the user: a file of gpupass's own, and the
/// configuration that the boot loader's tool makes from it and from the user's.
struct SetKernelOptions {
  std::vector<std::string> options;  ///< All there are then, in this order. Empty: no file.
  friend bool operator==(const SetKernelOptions&, const SetKernelOptions&) = default;
};

/// Sets how many huge pages of one size a NUMA node has in reserve, in this boot. The kernel may find fewer,
/// which is a failure.
struct SetHugePages {
  NodePages pages;
  friend bool operator==(const SetHugePages&, const SetHugePages&) = default;
};

/// Sets a tunable of the running host. An interrupt that is no longer there has nothing to be set.
struct SetTunable {
  Tunable tunable;
  std::string value;  ///< As TunableState has it.
  friend bool operator==(const SetTunable&, const SetTunable&) = default;
};

/// Writes the image at seed_path(), from which cloud-init configures a guest, or removes it. A file of
/// somebody else there is neither replaced nor removed.
struct SetSeed {
  std::string domain;
  std::string user_data;  ///< A secret.
  bool present = false;
  friend bool operator==(const SetSeed&, const SetSeed&) = default;
};

/// Whether the kernel draws its consoles on framebuffers.
struct SetConsole {
  bool drawn = false;
  friend bool operator==(const SetConsole&, const SetConsole&) = default;
};

/// Whether a driver shows a framebuffer that the firmware has set up. The kernel may take such a framebuffer
/// away, as it does for vfio-pci since Linux 6.0: then nothing shows it before the next boot.
struct SetFramebuffer {
  std::string device;  ///< Of the platform, "efi-framebuffer.0".
  bool shown = false;
  friend bool operator==(const SetFramebuffer&, const SetFramebuffer&) = default;
};

/// Gives a virtual function of NVIDIA's own VFIO driver the type of its vGPU, or takes the vGPU away. The
/// function stays with that driver.
struct SetVgpuType {
  PciAddress device;
  unsigned type = 0;  ///< As VgpuType::id. 0: none.
  friend bool operator==(const SetVgpuType&, const SetVgpuType&) = default;
};

/// Makes a mediated device, or removes it. The next boot forgets it.
struct SetMediatedDevice {
  DeviceId device;    ///< Its UUID.
  PciAddress parent;  ///< The function of which it is a slice.
  std::string type;   ///< As MediatedType has it.
  bool present = false;
  friend bool operator==(const SetMediatedDevice&, const SetMediatedDevice&) = default;
};

/// Whether mdevctl keeps a mediated device over boots. libvirt has it do so. What is there now stays.
struct SetMediatedDefinition {
  DeviceId device;
  PciAddress parent;
  std::string type;
  std::optional<bool> at_boot;  ///< Whether mdevctl makes it at every boot. nullopt: it keeps none.
  friend bool operator==(const SetMediatedDefinition&, const SetMediatedDefinition&) = default;
};

/// Puts a GPU into NVIDIA's MIG mode, or out of it: then it has no instances. The driver needs the GPU for
/// itself for that, and resets it where its model asks for it.
struct SetMigMode {
  PciAddress device;
  bool on = false;
  friend bool operator==(const SetMigMode&, const SetMigMode&) = default;
};

/// Makes a GPU instance of MIG, at one place of a GPU in MIG mode, with its compute instances; or removes all
/// of them. The next boot, and each reset of the GPU, forgets it.
struct SetMigInstance {
  PciAddress device;
  std::string profile;      ///< Its name, for people: "3g.71gb".
  unsigned profile_id = 0;  ///< These three as MigGpuInstance has them.
  unsigned start = 0;
  unsigned size = 0;
  std::vector<MigSpan> compute;  ///< Ascending.
  bool present = false;
  friend bool operator==(const SetMigInstance&, const SetMigInstance&) = default;
};

/// A change sets a state, so that its undo is again a change.
using Change = std::variant<SetHome, SetDriver, SetD3cold, SetService, SetPersistence, LoadModule, SetDomain,
                            SetMetadata, SetPower, SetDevice, SetBootBindings, SetOwnFile, SetSeed,
                            SetConsole, SetFramebuffer, SetVirtualFunctions, SetKernelOptions, SetHugePages,
                            SetResetMethods, ResetDevice, SetTunable, SetVgpuType, SetMediatedDevice,
                            SetMediatedDefinition, SetMigMode, SetMigInstance>;

/// Whether libvirt makes the change, in one of its guests: root is not needed for it.
bool changes_guest(const Change& change);

struct Step {
  std::string summary;  ///< "bind 0000:65:00.0 to vfio-pci".
  std::string reason;
  Change change;
  std::optional<Change> undo;  ///< None: there is nothing to undo, and `reason` says why.
  friend bool operator==(const Step&, const Step&) = default;
};

/// What the plan assumed about the machine, in a form that apply() can verify without knowing the reason.
struct Assumption {
  enum class Kind {
    Link,       ///< `subject` is a path; `expected` the last part of the link's target; empty: no such link.
    Attribute,  ///< `subject` is a path; `expected` its content; empty: no such file.
    Domain,     ///< `subject` is a name; `expected` what fingerprint() says of it.
  };
  Kind kind = Kind::Link;
  std::string subject;
  std::string expected;
  friend bool operator==(const Assumption&, const Assumption&) = default;
};
/// "link", "attribute", "domain".
std::string_view to_string(Assumption::Kind kind);

/// Ordered changes. What --dry-run prints is what apply() performs.
struct Plan {
  std::vector<Assumption> assumes;
  std::vector<Step> steps;         ///< Empty: the host is already as asked.
  std::vector<std::string> notes;  ///< What the user should know beside the steps.
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// Adds one plan to another, to be done after it: its assumptions, its steps and its notes. What the first
/// plan assumes of a subject stays, for its steps may change what the second one relies on.
void append(Plan& plan, Plan more);
/// What the host will be once all of the plan's steps are done. Nothing is read or changed.
/// Some facts cannot be predicted. The driver that the kernel chooses becomes unknown, and so does which
/// virtual functions the kernel makes: none is added; and how many more slices a driver has room for, and
/// what it calls MIG instances that it makes. These stay unchanged:
/// who uses which device (users, uses, holders), the persistence mode, the UUID that a driver gives, the
/// drivers of a module, and the limits. Definitions have the plan's text; libvirt's own text differs.
/// @throws Error Malformed for a guest's definition that is no domain.
Host after(const Host& host, const Plan& plan);

/// A short text that changes with the domain's state and its definitions; "absent" for nullptr.
std::string fingerprint(const DomainXml* domain);

}  // namespace gpupass
#pragma GCC visibility pop
