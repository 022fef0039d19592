// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

/// The collection of captured machines beside the repository. Tests over it say SKIP_WITHOUT_SHARED_HOSTS()
/// first.
namespace gpupass {

/// Where the collection is: $GPUPASS_SHARED_HOSTS, else shared/hosts beside the sources. Empty: it is not
/// there.
std::string shared_hosts();

/// Unpacks an archive of the collection ("derived-sysfs/dgx-a100.tar.xz") into the build folder, once.
/// @returns the folder that holds its `sys`; the first one where it has several.
std::string unpacked(const std::string& archive);

/// A captured machine of the collection that --root can open.
struct SharedTree {
  std::string
      name;  ///< "derived-sysfs/dgx-a100.tar.xz", or with the folder behind it where there are several.
  std::string root;
};
/// All of them, ascending by name.
std::vector<SharedTree> shared_trees();

}  // namespace gpupass

#define SKIP_WITHOUT_SHARED_HOSTS() \
  if (gpupass::shared_hosts().empty()) GTEST_SKIP() << "no collection of captured machines"
