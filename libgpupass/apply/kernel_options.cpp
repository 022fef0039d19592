// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/kernel_options.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "apply/own_file.hpp"
#include "apply/perform.hpp"
#include "codec/preparation_files.hpp"
#include "values/own_files.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

using Words = std::vector<std::string_view>;

/// While it ends the file, nobody knows whether GRUB's configuration is made from the file.
constexpr std::string_view kPending = "# update-grub is yet to read this.";

std::string grub_config(const Access& access) {
  const Fact<std::string> text = access.look().read(kGrubConfig);
  if (!text)
    throw failure(ErrorCode::System, "read", std::string(kGrubConfig),
                  text.absent() ? "no such file" : text.why(), "what GRUB boots");
  return *text;
}

/// What each entry gives its kernel: the words of "linux /boot/vmlinuz-6.1.0 root=...".
std::vector<Words> kernel_lines(std::string_view config) {
  std::vector<Words> lines;
  for (const std::string_view line : lines_of(config))
    if (Words words = words_of(line); !words.empty() && words.front().starts_with("linux"))
      lines.push_back(std::move(words));
  return lines;
}

/// An entry for rescue has no options of the user, and none of ours.
bool any_has_all(const std::vector<Words>& lines, const std::vector<std::string>& options) {
  return std::ranges::any_of(lines, [&](const Words& words) {
    return std::ranges::all_of(
        options, [&](const std::string& option) { return std::ranges::find(words, option) != words.end(); });
  });
}

/// What of the configuration is not for gpupass to change.
std::vector<Words> foreign(std::vector<Words> lines) {
  for (Words& words : lines) std::erase_if(words, may_be_added);
  return lines;
}

void expect_options(const std::vector<Words>& lines, const std::vector<std::string>& options) {
  if (!any_has_all(lines, options))
    throw failure(ErrorCode::System, "write", std::string(kGrubConfig),
                  fmt::format("no entry with {}", fmt::join(options, " ")),
                  "one; a later file in /etc/default/grub.d may set GRUB_CMDLINE_LINUX_DEFAULT anew");
}

}  // namespace

/// The file says that it is not in the configuration until it is: a process that dies between the two leaves
/// no doubt.
void perform(Access& access, const SetKernelOptions& change) {
  const std::string path(kGrubFile);
  const std::optional<std::string> wanted = to_grub_file(change.options);
  const Fact<std::string> now = access.look().read(path);
  const bool written = wanted ? now && *now == *wanted : now.absent();
  if (written && (!wanted || any_has_all(kernel_lines(grub_config(access)), change.options))) return;
  const std::string before = grub_config(access);
  write_file(access, path, fmt::format("{}{}{}\n", wanted.value_or(""), wanted ? "\n" : "", kPending));
  access.touch().carry_out(UpdateBootLoaderOrder{});
  const std::string after = grub_config(access);
  expect_options(kernel_lines(after), change.options);
  write_file(access, path, wanted ? *wanted + '\n' : "");
  if (foreign(kernel_lines(before)) != foreign(kernel_lines(after)))
    access.remark("update-grub also took in other changes of its files, or of the kernels that there are");
}

}  // namespace gpupass
