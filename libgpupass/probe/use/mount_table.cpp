// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: libmount asks the running machine what a name means, and the text may be of another one;
// and it brings three more libraries.
#include "probe/use/mount_table.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include "probe/folder.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// "/mnt/my\\040disk": the kernel and fstab(5) write blanks so.
std::string decoded(std::string_view text) {
  constexpr std::size_t kDigits = 3;
  std::string plain;
  while (!text.empty()) {
    const auto code = text.front() == '\\' && text.size() > kDigits
                          ? parse_number<std::uint8_t>(text.substr(1, kDigits), 8)
                          : std::nullopt;
    plain += code ? static_cast<char>(*code) : text.front();
    text.remove_prefix(code ? 1 + kDigits : 1);
  }
  return plain;
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

/// UUID="1234": with quotes or without.
std::string_view unquoted(std::string_view text) {
  const bool quoted =
      text.size() > 1 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// "36 35 259:2 / /home rw master:1 - ext4 /dev/nvme0n1p2 rw" of mountinfo, where any number of words stands
/// before the dash: proc_pid_mountinfo(5). "/dev/sda1 /home ext4 rw 0 2" of fstab, or "/dev/sda2 partition
/// 1024 0 -2" of swaps. Captures by gpupass 0.1 have "0 0 259:2 - any /dev/nvme0n1p2", and the node alone of
/// the others. nullopt: it is about no disk.
std::optional<MountEntry> entry_of(const std::vector<std::string_view>& words) {
  constexpr std::ptrdiff_t kNumber = 2, kType = 1, kSource = 2, kOptions = 3;
  MountEntry entry;
  const auto dash = std::ranges::find(words, "-");
  const bool mounted = dash - words.begin() > kNumber && words.end() - dash > kSource;
  const auto word = [&](std::ptrdiff_t mountinfo, std::ptrdiff_t fstab) {
    const auto at = mounted ? dash + mountinfo : words.begin() + std::min(fstab, std::ssize(words));
    return at < words.end() ? decoded(*at) : std::string();
  };
  const std::string source = word(kSource, 0);
  const auto equals = source.find('=');
  if (!mounted && !source.starts_with('/') && equals == source.npos) return std::nullopt;
  entry.nodes = nodes_of(source, word(kOptions, 3));
  entry.type = word(kType, 2);
  if (equals != source.npos) {
    entry.tag = source.substr(0, equals);
    entry.value = unquoted(std::string_view(source).substr(equals + 1));
  }
  // Major number 0 is that of file systems without a disk.
  if (mounted && !words[kNumber].starts_with("0:")) entry.number = words[kNumber];
  return entry;
}

}  // namespace

std::vector<MountEntry> read_mount_table(std::string_view text) {
  std::vector<MountEntry> entries;
  for (const std::string_view line : lines_of(text))
    if (const auto words = words_of(line); !words.empty() && !words.front().starts_with('#'))
      if (auto entry = entry_of(words)) entries.push_back(*std::move(entry));
  return entries;
}

}  // namespace gpupass
