// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

/// cloud-init configures a guest by the files user-data and meta-data on a disk with the label "cidata": this
/// is its datasource NoCloud. gpupass makes the image of such a disk.
#pragma GCC visibility push(default)
namespace gpupass {

/// Where the image of a guest is: "/var/lib/libvirt/images/guest1-cloud-init.iso".
std::string seed_path(std::string_view guest);
/// Whether a path is that of the image of some guest.
bool is_seed(std::string_view path);

/// The meta-data beside this user-data: the guest's host name, and an id. cloud-init applies user-data once
/// for each id, so other user-data have another one.
std::string meta_data(std::string_view guest, std::string_view user_data);

}  // namespace gpupass
#pragma GCC visibility pop
