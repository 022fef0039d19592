// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <dtl/dtl.hpp>
#include <iterator>
#include <string_view>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/render.hpp"
#include "render/json/json.hpp"

namespace gpupass {

namespace {

std::string fit_for_display(std::string_view xml) {
  std::string text = redacted(xml);
  if (text.empty() && !xml.empty())
    throw Error(
        ErrorCode::Malformed, "domain XML",
        "cannot show the changes of the domain XML: saw a password without an end, expected none that "
        "could be shown by mistake");
  return text;
}

/// The lines with their ends, so that one without an end differs from one that has it.
std::vector<std::string_view> all_lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

void add_line(std::string& diff, char mark, std::string_view line) {
  diff.append(1, mark).append(line);
  if (!line.ends_with('\n')) diff += "\n\\ No newline at end of file\n";
}

/// "3" for one line, "3,2" for two.
std::string range(long long first, long long count) {
  return count == 1 ? fmt::to_string(first) : fmt::format("{},{}", first, count);
}

}  // namespace

std::string render_diff(const std::string& name_before, std::string_view before,
                        const std::string& name_after, std::string_view after) {
  const std::string old_text = fit_for_display(before), new_text = fit_for_display(after);
  if (old_text == new_text) return {};
  const auto old_lines = all_lines_of(old_text), new_lines = all_lines_of(new_text);
  dtl::Diff<std::string_view> changes(old_lines, new_lines);
  changes.compose();
  changes.composeUnifiedHunks();
  std::string diff = fmt::format("--- {}\n+++ {}\n", printable(name_before), printable(name_after));
  for (const auto& hunk : changes.getUniHunks()) {
    diff += fmt::format("@@ -{} +{} @@\n", range(hunk.a, hunk.b), range(hunk.c, hunk.d));
    for (const auto& [line, info] : hunk.common[0]) add_line(diff, ' ', line);
    for (const auto& [line, info] : hunk.change)
      add_line(diff, info.type == dtl::SES_ADD ? '+' : info.type == dtl::SES_DELETE ? '-' : ' ', line);
    for (const auto& [line, info] : hunk.common[1]) add_line(diff, ' ', line);
  }
  return diff;
}

std::string render_diff_json(const Host& host, const std::string& diff,
                             const std::vector<Finding>& passed_over) {
  Json json = document(host);
  add_passed_over(json, passed_over);
  json["diff"] = diff;
  return dumped(json);
}

}  // namespace gpupass
