// SPDX-License-Identifier: GPL-2.0-or-later
//
// Boot images by the tool that builds them: initramfs-tools or dracut.

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;

namespace {

/// Programs that copy a new image to where the boot loader looks for it; update-initramfs(8) runs them as
/// well.
constexpr char kAfterUpdate[] = "/etc/initramfs/post-update.d";

bool is_dracut(const Request& request) {
  const std::string tool = request.text("tool");
  if (tool == "dracut") return true;
  if (tool == "initramfs-tools") return false;
  throw Error(ErrorCode::Malformed, tool,
              fmt::format("cannot read the request: there is no tool \"{}\"", tool));
}

/// A path that a program cannot take for an option.
std::string path_in(const Request& request, const char* key) {
  const std::string path = request.text(key);
  if (!path.starts_with('/'))
    throw Error(ErrorCode::Usage, path, fmt::format("cannot use \"{}\": expected an absolute path", path));
  return path;
}

std::string kernel_in(const Request& request) {
  const std::string kernel = request.text("kernel");
  if (kernel.empty() || kernel.front() == '-' || kernel.find('/') != kernel.npos)
    throw Error(ErrorCode::Usage, kernel,
                fmt::format("cannot use \"{}\": expected the name of a kernel", kernel));
  return kernel;
}

void expect_success(const Ended& ended, const char* verb, const std::string& path,
                    const std::string& program) {
  if (ended.status == 0) return;
  throw Error(ErrorCode::System, path,
              fmt::format("cannot {} {}: {}{}{}", verb, path, end_of(program, ended),
                          ended.complaint.empty() ? "" : ": ", ended.complaint));
}

void run(std::vector<std::string> arguments, const char* verb, const std::string& path) {
  const std::string program = arguments.front();
  expect_success(run_program(std::move(arguments)), verb, path, program);
}

/// The path in a line of a listing: its last word. dracut's lister prints them as ls -l does.
std::string path_of(std::string line) {
  line.erase(0, line.find_last_of(" \t") + 1);  // npos + 1 is 0.
  if (line.starts_with("./")) line.erase(0, 2);
  return line.substr(std::min(line.find_first_not_of('/'), line.size()));
}

bool is_folder(const char* path) {
  DIR* folder = opendir(path);
  if (folder) closedir(folder);
  return folder != nullptr;
}

/// Puts the file system that a path is on to disk.
void sync_around(const std::string& path) {
  const File folder(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || syncfs(folder.descriptor()) != 0) fail_to_write(path);
}

}  // namespace

json list_boot_image(const Request& request) {
  const std::string path = path_in(request, "path");
  const std::string program = is_dracut(request) ? "/usr/bin/lsinitrd" : "/usr/bin/lsinitramfs";
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return nullptr;
  const Ended ended = run_program({program, path});
  expect_success(ended, "look into", path, program);
  json names = json::array();
  for (std::size_t start = 0; start < ended.output.size();) {
    const std::size_t end = std::min(ended.output.find('\n', start), ended.output.size());
    const std::string name = path_of(ended.output.substr(start, end - start));
    if (name.find("gpupass") != name.npos || name.find("vfio") != name.npos) names.push_back(name);
    start = end + 1;
  }
  std::sort(names.begin(), names.end());
  return names;
}

json build_boot_image(const Request& request) {
  const std::string kernel = kernel_in(request), path = path_in(request, "path");
  if (is_dracut(request))
    run({"/usr/bin/dracut", "--force", "--quiet", path, kernel}, "build", path);
  else
    run({"/usr/sbin/mkinitramfs", "-o", path, kernel}, "build", path);
  sync_around(path);
  return nullptr;
}

json exchange_boot_images(const Request& request) {
  const std::string kernel = kernel_in(request), path = path_in(request, "path"),
                    other = path_in(request, "other");
  if (renameat2(AT_FDCWD, other.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) fail_to_write(path);
  sync_around(path);
  if (!is_dracut(request) && is_folder(kAfterUpdate))
    run({"/usr/bin/run-parts", "--arg=" + kernel, "--arg=" + path, kAfterUpdate}, "tell the boot loader of",
        path);
  return nullptr;
}
