// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/render.hpp"
#include "render/text/findings_page.hpp"
#include "render/text/text.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

bool is_mark(std::string_view word) {
  return word.size() == 1 && std::string_view(".,:;)").find(word) != std::string_view::npos;
}

/// How the words behind a macro of mdoc(7) read. A mark that stands alone belongs to the word before it.
std::string spoken(std::string_view macro, std::vector<std::string_view> words) {
  std::string marks;
  for (; !words.empty() && is_mark(words.back()); words.pop_back()) marks.insert(0, words.back());
  if (macro == ".Nm") return "gpupass" + marks;
  if (macro == ".Xr" && words.size() == 2) return fmt::format("{}({}){}", words[0], words[1], marks);
  if (macro == ".Pq" && !words.empty()) {
    const std::string inner = "." + std::string(words.front());
    return fmt::format("({}){}", spoken(inner, {words.begin() + 1, words.end()}), marks);
  }
  const std::string text = fmt::format("{}", fmt::join(words, " "));
  if (macro == ".Ql") return fmt::format("'{}'{}", text, marks);
  if (macro == ".Fl") return fmt::format("-{}{}", text, marks);
  return text + marks;
}

/// The lines of a finding's paragraph in the manual page.
std::vector<std::string_view> paragraph_of(std::string_view id) {
  const std::string item = fmt::format(".It Li {}", id);
  std::vector<std::string_view> lines;
  bool inside = false;
  for (const std::string_view line : lines_of(kFindingsPage)) {
    if (line.starts_with(".It ") || line == ".El")
      inside = line == item;
    else if (inside)
      lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string render_explanation(const std::string& id, const View& view) {
  std::string prose;
  for (const std::string_view line : paragraph_of(id)) {
    auto words = words_of(line);
    if (!prose.empty()) prose += ' ';
    if (!line.starts_with('.')) {
      prose += line;
    } else {
      const std::string_view macro = words.front();
      words.erase(words.begin());
      prose += spoken(macro, words);
    }
  }
  if (prose.empty()) return {};
  return fmt::format("{}\n  {}\n", id, wrapped(prose, view, 2, 2));
}

}  // namespace gpupass
