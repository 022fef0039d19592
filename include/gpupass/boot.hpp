// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/identity.hpp"
#include "gpupass/own_file.hpp"
#include "gpupass/pci.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// A function that every boot binds to vfio-pci early, and the identity that the device must have. If another
/// device is at the address, the boot leaves it alone.
struct BootBinding {
  PciAddress address;
  Identity identity;  ///< All ids, and the serial number where the device has one; never a UUID or a slot.
  friend bool operator==(const BootBinding&, const BootBinding&) = default;
};

/// What builds boot images here.
enum class BootTool { InitramfsTools, Dracut };
/// "initramfs-tools", "dracut".
std::string_view to_string(BootTool tool);

/// The image from which a kernel boots before it has its disks.
struct BootImage {
  std::string kernel;  ///< "6.1.0-18-amd64".
  std::string path;    ///< "/boot/initrd.img-6.1.0-18-amd64".
  friend bool operator==(const BootImage&, const BootImage&) = default;
};

/// The path at which a new image is built. After the exchange the old image is kept there until the whole
/// change is done.
std::string replacement_path(const BootImage& image);

/// All boot images of a machine.
struct BootImages {
  BootTool tool = BootTool::InitramfsTools;
  /// Through which the tool puts the bindings into each image that it builds: all that it needs, ascending.
  std::vector<OwnFile> hooks;
  std::vector<BootImage> images;  ///< Ascending by kernel.
  friend bool operator==(const BootImages&, const BootImages&) = default;
};

/// Where the tool needs a file of gpupass, ascending.
std::vector<std::string> boot_hook_paths(BootTool tool);
/// Whether the path is one of them, of any tool.
bool is_boot_hook(std::string_view path);

}  // namespace gpupass
#pragma GCC visibility pop
