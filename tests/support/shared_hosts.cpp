// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/shared_hosts.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "support/folders.hpp"

namespace gpupass {

namespace fs = std::filesystem;

namespace {

// Those whose archives hold a `sys`; the others hold listings, XML or parts of one.
constexpr const char* kFoldersOfTrees[] = {"derived-sysfs",   "ghw-sysfs",         "hwloc-sysfs",
                                           "nri-sysfs",       "nvidia-vgpu-sysfs", "openshift-sysfs",
                                           "util-linux-lscpu"};

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

/// Unpacked once for all test programs of this build: some archives hold 60 000 files.
fs::path folder_of(const std::string& archive) {
  const fs::path folder = fs::path(build_path("shared-hosts")) / archive;
  if (fs::exists(folder)) return folder;
  const fs::path mine = folder.string() + "." + std::to_string(getpid());
  fs::create_directories(mine);
  run("tar --no-same-owner -xf '" + shared_hosts() + "/" + archive + "' -C '" + mine.string() + "'");
  std::error_code error;
  fs::rename(mine, folder, error);
  if (error) fs::remove_all(mine);  // Another test was quicker.
  return folder;
}

/// The folders that hold a `sys`, without looking into it, ascending.
std::vector<fs::path> roots_in(const fs::path& folder) {
  if (fs::is_directory(folder / "sys")) return {folder};
  std::vector<fs::path> roots;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory() || entry.is_symlink()) continue;
    std::ranges::copy(roots_in(entry.path()), std::back_inserter(roots));
  }
  std::ranges::sort(roots);
  return roots;
}

std::vector<std::string> archives() {
  std::vector<std::string> names;
  for (const std::string folder : kFoldersOfTrees)
    for (const auto& entry : fs::directory_iterator(fs::path(shared_hosts()) / folder)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".tgz") || name.find(".tar.") != name.npos) names.push_back(folder + "/" + name);
    }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string shared_hosts() {
  const char* named = std::getenv("GPUPASS_SHARED_HOSTS");
  const fs::path folder = named ? fs::path(named) : fs::path(source_path("../shared/hosts"));
  return fs::is_directory(folder) ? fs::canonical(folder).string() : "";
}

std::string unpacked(const std::string& archive) {
  const auto roots = roots_in(folder_of(archive));
  if (roots.empty()) throw std::runtime_error("no sys in " + archive);
  return roots.front().string();
}

std::vector<SharedTree> shared_trees() {
  std::vector<SharedTree> trees;
  for (const std::string& archive : archives()) {
    const fs::path folder = folder_of(archive);
    const auto roots = roots_in(folder);
    for (const fs::path& root : roots)
      trees.push_back(
          {roots.size() == 1 ? archive : archive + "/" + fs::relative(root, folder).string(), root});
  }
  return trees;
}

}  // namespace gpupass
