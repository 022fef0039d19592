// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/mount_table.hpp"

#include <fmt/format.h>
#include <libmount/libmount.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <memory>
#include <new>
#include <ranges>

#include "probe/folder.hpp"

namespace gpupass {

namespace {

std::string text_or_empty(const char* text) {
  return text ? text : "";
}

/// A line as libmount reads it without looking elsewhere. It asks the running machine for the real name of
/// "/dev/root", and the text may be of another one; the kernel has no such disk. Captures by gpupass 0.1 have
/// shorter lines: "0 0 259:2 - any /dev/nvme0n1p2" of mountinfo, and the node alone of fstab and swaps.
std::string complete_line(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() == 1) return fmt::format("{} none any\n", line);
  if (words.size() == 6 && words[3] == "-")
    return fmt::format("0 0 {} / / rw - {} {} rw\n", words[2], words[4], words[5]);
  std::string text = fmt::format("{}\n", line);
  constexpr std::string_view kRoot = " /dev/root ";
  if (const auto at = text.find(kRoot); at != text.npos) text.replace(at, kRoot.size(), " none ");
  return text;
}

/// Tells libmount to go on behind a line that it cannot read.
int pass_over(libmnt_table*, const char*, int) {
  return 1;
}

/// Those of a source, which with bcachefs is "/dev/sda1:/dev/sdb1", and of options as XFS and ext4 have them.
std::vector<std::string> nodes_of(const std::string& source, const std::string& options) {
  std::vector<std::string> nodes;
  const auto add = [&nodes](std::string_view node) {
    if (node.starts_with("/dev/")) nodes.emplace_back(node);
  };
  if (source.starts_with("/dev/"))
    for (const auto part : std::views::split(source, ':')) add(std::string_view(part.begin(), part.end()));
  for (const auto part : std::views::split(options, ',')) {
    const std::string_view option(part.begin(), part.end());
    for (const std::string_view name : {"logdev=", "rtdev=", "journal_path="})
      if (option.starts_with(name)) add(option.substr(name.size()));
  }
  return nodes;
}

MountEntry entry_of(libmnt_fs* line) {
  MountEntry entry;
  entry.nodes = nodes_of(text_or_empty(mnt_fs_get_srcpath(line)), text_or_empty(mnt_fs_get_options(line)));
  const char *tag = nullptr, *value = nullptr;
  if (mnt_fs_get_tag(line, &tag, &value) == 0) {
    entry.tag = text_or_empty(tag);
    entry.value = text_or_empty(value);
  }
  entry.type = text_or_empty(mnt_fs_get_fstype(line));
  // Number 0 is that of file systems without a disk.
  if (const dev_t number = mnt_fs_get_devno(line); major(number) != 0)
    entry.number = fmt::format("{}:{}", major(number), minor(number));
  return entry;
}

}  // namespace

std::vector<MountEntry> read_mount_table(std::string_view text) {
  std::string copy;
  for (const std::string_view line : lines_of(text)) copy += complete_line(line);
  if (copy.empty()) return {};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(fmemopen(copy.data(), copy.size(), "r"),
                                                               &std::fclose);
  const std::unique_ptr<libmnt_table, void (*)(libmnt_table*)> table(mnt_new_table(), &mnt_unref_table);
  const std::unique_ptr<libmnt_iter, void (*)(libmnt_iter*)> lines(mnt_new_iter(MNT_ITER_FORWARD),
                                                                   &mnt_free_iter);
  if (!stream || !table || !lines) throw std::bad_alloc();
  mnt_table_set_parser_errcb(table.get(), &pass_over);
  std::vector<MountEntry> entries;
  if (mnt_table_parse_stream(table.get(), stream.get(), "") != 0) return entries;
  libmnt_fs* line = nullptr;
  while (mnt_table_next_fs(table.get(), lines.get(), &line) == 0) entries.push_back(entry_of(line));
  return entries;
}

}  // namespace gpupass
