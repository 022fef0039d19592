// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/absence.hpp"
#include "apply/number_at.hpp"
#include "apply/perform.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// One physical function and its virtual ones, as sysfs shows and changes them.
class VirtualFunctions {
 public:
  VirtualFunctions(Access& access, PciAddress device)
      : access_(access), address_(device.to_string()), folder_(sysfs_folder(device)) {}

  unsigned count() const { return number_at<unsigned>(count_, access_.read_guarded(count_)); }
  std::optional<bool> autoprobe() const;
  void expect_free(unsigned count) const;
  void set_count(unsigned count);
  void set_autoprobe(bool on);

 private:
  Access& access_;
  const std::string address_;
  const std::string folder_;
  const std::string count_ = folder_ + "/sriov_numvfs";
  const std::string autoprobe_ = folder_ + "/sriov_drivers_autoprobe";
};

/// nullopt: the kernel is older than this switch.
std::optional<bool> VirtualFunctions::autoprobe() const {
  const Fact<std::string> text = access_.look().read(autoprobe_);
  if (text.absent()) return std::nullopt;
  if (!text || (*text != "0" && *text != "1"))
    throw failure(ErrorCode::System, "read", autoprobe_, text ? *text : text.why(), "0 or 1");
  return *text == "1";
}

/// A driver that has one would have to let go of it within the write. VFIO's waits there for the guest.
void VirtualFunctions::expect_free(unsigned count) const {
  for (unsigned index = 0; index < count; ++index) {
    const std::string path = fmt::format("{}/virtfn{}/driver", folder_, index);
    const Fact<std::string> driver = access_.look().link(path);
    if (driver.absent()) continue;
    throw failure(
        ErrorCode::System, "take away the virtual functions of", address_,
        driver ? fmt::format("virtfn{} on {}", index, driver->substr(driver->rfind('/') + 1)) : driver.why(),
        "each of them without a driver");
  }
}

void VirtualFunctions::set_count(unsigned count) {
  const unsigned now = number_at<unsigned>(count_, access_.set_guarded(count_, fmt::to_string(count)));
  if (now != count)
    throw failure(ErrorCode::System, "set the virtual functions of", address_, fmt::to_string(now),
                  fmt::to_string(count));
}

void VirtualFunctions::set_autoprobe(bool on) {
  access_.touch().write(autoprobe_, on ? "1" : "0");
  if (autoprobe() != on)
    throw failure(ErrorCode::System, "write", autoprobe_, on ? "0" : "1", on ? "1" : "0");
}

}  // namespace

/// The kernel refuses to go from one count to another but through 0. While the switch is off, no driver takes
/// the new ones.
void perform(Access& access, const SetVirtualFunctions& change) {
  VirtualFunctions functions(access, change.device);
  const unsigned now = functions.count();
  if (now != change.count) {
    functions.expect_free(now);
    if (functions.autoprobe().value_or(false)) functions.set_autoprobe(false);
    if (now != 0) functions.set_count(0);
    if (change.count != 0) functions.set_count(change.count);
  }
  if (change.drivers_autoprobe && functions.autoprobe() != change.drivers_autoprobe)
    functions.set_autoprobe(*change.drivers_autoprobe);
}

}  // namespace gpupass
