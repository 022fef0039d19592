// SPDX-License-Identifier: GPL-2.0-or-later
//
// Boot images by the tool that builds them: initramfs-tools or dracut. The configuration of GRUB by Debian's
// tool for it.

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "file.hpp"
#include "gpupass/error.hpp"
#include "operations.hpp"
#include "program.hpp"
#include "system/files/errno_text.hpp"
#include "values/own_files.hpp"

namespace gpupass {

namespace {

/// Programs that copy a new image to where the boot loader looks for it; update-initramfs(8) runs them as
/// well.
constexpr char kAfterUpdate[] = "/etc/initramfs/post-update.d";

/// @throws Error Usage for a path that a program could take for an option.
void expect_absolute(const std::string& path) {
  if (!path.starts_with('/'))
    throw Error(ErrorCode::Usage, path, fmt::format("cannot use \"{}\": expected an absolute path", path));
}

void expect_image(const BootImage& image) {
  expect_absolute(image.path);
  const std::string& kernel = image.kernel;
  if (kernel.empty() || kernel.front() == '-' || kernel.find('/') != kernel.npos)
    throw Error(ErrorCode::Usage, kernel,
                fmt::format("cannot use \"{}\": expected the name of a kernel", kernel));
}

void expect_success(const Ended& ended, const char* verb, const std::string& path,
                    const std::string& program) {
  if (ended.status == 0) return;
  throw Error(ErrorCode::System, path,
              fmt::format("cannot {} {}: {}{}{}", verb, path, end_of(program, ended),
                          ended.complaint.empty() ? "" : ": ", ended.complaint));
}

void run(std::vector<std::string> arguments, const char* verb, const std::string& path,
         std::string language = "LC_ALL=C") {
  const std::string program = arguments.front();
  expect_success(run_program(std::move(arguments), std::move(language)), verb, path, program);
}

/// In which the titles of GRUB's entries are now: who chose an entry by its title is to find it.
std::string language_of(const std::string& grub_config) {
  constexpr std::string_view kKey = "set lang=";
  std::ifstream file(grub_config);
  for (std::string line; std::getline(file, line);)
    if (const std::size_t at = line.find(kKey); at != line.npos)
      return fmt::format("LANG={}.UTF-8", line.substr(at + kKey.size()));
  return "LANG=C";
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
  const Fd folder = open_file(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
  if (!folder || syncfs(folder.number()) != 0) fail_to_write(path);
}

}  // namespace

Fact<std::vector<std::string>> answer(const BootImageQuestion& question) {
  const std::string& path = question.path;
  expect_absolute(path);
  const std::string program =
      question.tool == BootTool::Dracut ? "/usr/bin/lsinitrd" : "/usr/bin/lsinitramfs";
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return Absent{};
  const Ended ended = run_program({program, path});
  expect_success(ended, "list", path, program);
  std::vector<std::string> names;
  for (std::size_t start = 0; start < ended.output.size();) {
    const std::size_t end = std::min(ended.output.find('\n', start), ended.output.size());
    const std::string name = path_of(ended.output.substr(start, end - start));
    if (name.find("gpupass") != name.npos || name.find("vfio") != name.npos) names.push_back(name);
    start = end + 1;
  }
  std::ranges::sort(names);
  return names;
}

void carry_out(const BuildBootImageOrder& order) {
  expect_image(order.image);
  const std::string path = replacement_path(order.image);
  if (order.tool == BootTool::Dracut)
    run({"/usr/bin/dracut", "--force", "--quiet", path, order.image.kernel}, "build", path);
  else
    run({"/usr/sbin/mkinitramfs", "-o", path, order.image.kernel}, "build", path);
  sync_around(path);
}

void carry_out(const ExchangeBootImageOrder& order) {
  expect_image(order.image);
  const std::string& path = order.image.path;
  if (renameat2(AT_FDCWD, replacement_path(order.image).c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) !=
      0)
    fail_to_write(path);
  sync_around(path);
  if (order.tool != BootTool::Dracut && is_folder(kAfterUpdate))
    run({"/usr/bin/run-parts", "--arg=" + order.image.kernel, "--arg=" + path, kAfterUpdate},
        "tell the boot loader of", path);
}

void carry_out(const DropBootImageOrder& order) {
  expect_image(order.image);
  const std::string path = replacement_path(order.image);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw system_error("remove", path, errno);
  sync_around(path);
}

/// It writes beside the present configuration, and exchanges both at its end.
void carry_out(const UpdateBootLoaderOrder&) {
  const std::string config(kGrubConfig);
  run({"/usr/sbin/update-grub"}, "write", config, language_of(config));
  sync_around(config);
}

}  // namespace gpupass
