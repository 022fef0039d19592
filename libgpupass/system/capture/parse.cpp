// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpupass/error.hpp"
#include "system/capture/format.hpp"
#include "system/capture/lines.hpp"
#include "system/files/fd.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

// A few bytes of text may stand for a long file of zeros, or for many CPUs.
constexpr std::size_t kMostBytes = kLargestCapture;
constexpr std::size_t kMostCpus = 1 << 18;

/// Takes `start` off the front of `text`.
bool take_prefix(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

/// The text behind a mark: "= x" is "x", "=" is "".
bool take_mark(std::string_view& text, std::string_view mark) {
  std::string_view rest = text;
  if (!take_prefix(rest, mark) || (!rest.empty() && !take_prefix(rest, " "))) return false;
  text = rest;
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file)
      : lines_(text, file), cut_short_(is_cut_short(text)) {}

  Recording parse() {
    if (lines_.at_end() || lines_.front() != "gpupass host 1") throw lines_.malformed("\"gpupass host 1\"");
    lines_.take();
    while (!lines_.at_end()) section();
    if (cut_short_) throw lines_.malformed("\"[+end]\", as the file is cut short");
    return std::move(recording_);
  }

 private:
  void section() {
    std::string_view head = lines_.front();
    const bool partial = head.ends_with("] ...");
    if (partial) head.remove_suffix(4);
    if (head.size() > 2 && head.starts_with("[/") && head.ends_with(']')) {
      directory(lines_.unescaped(head.substr(1, head.size() - 2)), !partial);
    } else if (!partial && head == "[cpu topology]") {
      topology();
    } else if (!partial && head == "[domains]") {
      no_domains();
    } else if (!partial && head.starts_with("[domain ") && head.ends_with(']')) {
      domain(lines_.unescaped(head.substr(8, head.size() - 9)));
    } else if (head.starts_with("[+") && head.ends_with(']')) {
      later_section();
    } else {
      throw lines_.malformed(
          "\"[/path]\", \"[/path] ...\", \"[cpu topology]\", \"[domains]\" or \"[domain name]\"");
    }
  }

  /// "[+name]": a later version wrote it, and an earlier one does right without it.
  void later_section() {
    do lines_.take();
    while (in_section());
  }

  bool in_section() const { return !lines_.at_end() && !lines_.starts_with("["); }

  // --- files ---

  void directory(const std::string& path, bool listed) {
    const auto [place, is_new] = recording_.directories.try_emplace(path);
    if (!is_new) throw lines_.malformed("each directory once");
    place->second.listed = listed;
    lines_.take();
    while (in_section()) {
      const std::string_view line = lines_.front();
      const auto space = line.find(' ');
      const std::string name = lines_.unescaped(line.substr(0, space));
      if (space == line.npos || name.empty() || name.find('/') != name.npos) throw unknown_entry();
      if (place->second.entries.contains(name)) throw lines_.malformed("each name once in a directory");
      place->second.entries[name] = entry(line.substr(space + 1));
    }
  }

  Error unknown_entry() const {
    return lines_.malformed(
        "\"name = value\", \"name : N bytes\", \"name -> target\", \"name ! reason\", "
        "\"name -\" or \"name ?\"");
  }

  Entry entry(std::string_view text) {
    using Kind = Entry::Kind;
    if (take_mark(text, "=")) return {Kind::File, value(text)};
    if (take_mark(text, ":")) return {Kind::File, bytes(text)};
    Entry entry;
    if (take_mark(text, "->")) {
      entry = {Kind::Link, lines_.unescaped(text)};
    } else if (take_mark(text, "!")) {
      entry = {Kind::Denied, lines_.unescaped(text)};
    } else if (text == "-") {
      entry = {Kind::Absent, ""};
    } else if (text != "?") {
      throw unknown_entry();
    }
    lines_.take();
    return entry;
  }

  /// A value in this line, or in the rows below it.
  std::string value(std::string_view inline_text) {
    std::string content = lines_.unescaped(inline_text);
    lines_.take();
    if (!inline_text.empty()) return content;
    for (bool first = true; lines_.starts_with("|"); first = false) {
      std::string_view row = lines_.front();
      if (!take_mark(row, "|")) throw lines_.malformed("a row, \"| text\"");
      if (!first) content += '\n';
      content += lines_.unescaped(row);
      lines_.take();
    }
    return content;
  }

  std::string bytes(std::string_view text) {
    constexpr std::string_view kUnit = " bytes";
    const auto size = text.ends_with(kUnit)
                          ? parse_number<std::size_t>(text.substr(0, text.size() - kUnit.size()))
                          : std::nullopt;
    if (!size || *size > kLargestFile)
      throw lines_.malformed(fmt::format("\"N bytes\", at most {}", kLargestFile));
    bytes_ += *size;
    if (bytes_ > kMostBytes) throw lines_.malformed(fmt::format("at most {} bytes in all files", kMostBytes));
    lines_.take();
    std::string content(*size, '\0');
    for (std::size_t next = 0; lines_.starts_with("|");) next = row_of_bytes(content, next);
    return content;
  }

  /// One row, "| 010: 86 80 ...", into its place. @returns the first offset that a row below it may have.
  std::size_t row_of_bytes(std::string& content, std::size_t first_offset) {
    std::string_view row = lines_.front();
    const auto colon = row.find(':');
    const auto offset = take_prefix(row, "| ") && colon != row.npos
                            ? parse_number<std::size_t>(row.substr(0, colon - 2), 16)
                            : std::nullopt;
    if (!offset || *offset % 16 != 0 || *offset < first_offset || *offset >= content.size())
      throw lines_.malformed("\"| offset: bytes\", ascending by 16, within the size");
    row.remove_prefix(colon - 1);
    const std::size_t count = std::min<std::size_t>(16, content.size() - *offset);
    if (row.size() != 3 * count) throw lines_.malformed(fmt::format("{} bytes, \" xx\" each", count));
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view digits = row.substr(3 * i + 1, 2);
      const auto byte = row[3 * i] == ' ' ? parse_number<unsigned char>(digits, 16) : std::nullopt;
      if (!byte) throw lines_.malformed("bytes as two hexadecimal digits");
      content[*offset + i] = static_cast<char>(*byte);
    }
    lines_.take();
    return *offset + 16;
  }

  // --- CPUs ---

  /// A section that says why it has no value: "-" or "! reason".
  template <typename T>
  bool no_value(Fact<T>& fact) {
    std::string_view line = lines_.at_end() ? "" : lines_.front();
    if (line == "-") {
      fact = Absent{};
    } else if (take_mark(line, "!")) {
      fact = Unknown{lines_.unescaped(line)};
    } else {
      return false;
    }
    lines_.take();
    if (in_section()) throw lines_.malformed("the next section");
    return true;
  }

  void topology() {
    if (recording_.cpu_topology.asked()) throw lines_.malformed("\"[cpu topology]\" once");
    lines_.take();
    if (no_value(recording_.cpu_topology)) return;
    CpuTopology topology;
    for (bool first = true; in_section() || first; first = false) {
      std::string_view line = lines_.front();
      if (take_prefix(line, "cpus ") && first) {
        topology.cpus = cpus(line);
      } else if (first) {
        throw lines_.malformed("\"cpus = SET\", \"-\" or \"! reason\"");
      } else if (take_prefix(line, "package ")) {
        const auto id = number<unsigned>(line);
        topology.packages.push_back({id, cpus(line)});
      } else if (take_prefix(line, "cache L")) {
        const auto level = number<unsigned>(line);
        const auto size = number<std::uint64_t>(line);
        topology.last_level_caches.push_back({level, size, cpus(line)});
      } else if (take_prefix(line, "core ")) {
        topology.cores.push_back({cpus(line)});
      } else {
        throw lines_.malformed("\"package N = SET\", \"cache LN BYTES = SET\" or \"core = SET\"");
      }
      lines_.take();
    }
    recording_.cpu_topology = std::move(topology);
  }

  /// A number, up to the space behind it.
  template <typename T>
  T number(std::string_view& text) {
    const auto space = text.find(' ');
    const auto value = parse_number<T>(text.substr(0, space));
    if (!value || space == text.npos) throw lines_.malformed("a number");
    text.remove_prefix(space + 1);
    return *value;
  }

  CpuSet cpus(std::string_view text) {
    const auto set = take_mark(text, "=") ? CpuSet::parse(text) : std::nullopt;
    if (!set) throw lines_.malformed("\"= SET\", a list of CPUs such as 0-3,8");
    cpus_ += set->size();
    if (cpus_ > kMostCpus) throw lines_.malformed(fmt::format("at most {} CPUs in all sets", kMostCpus));
    return *set;
  }

  // --- domains ---

  void no_domains() {
    if (recording_.domains.asked()) throw lines_.malformed("\"[domains]\" once, and no domain beside it");
    lines_.take();
    if (no_value(recording_.domains)) return;
    recording_.domains = std::vector<DomainXml>{};
    if (in_section()) throw lines_.malformed("\"-\", \"! reason\" or the next section");
  }

  void domain(const std::string& name) {
    if (!recording_.domains.asked()) recording_.domains = std::vector<DomainXml>{};
    if (!recording_.domains || name.empty() || !names_.insert(name).second)
      throw lines_.malformed("each domain once, and no \"[domains]\" without a value beside it");
    lines_.take();
    DomainXml domain;
    domain.name = name;
    std::string_view line = in_section() ? lines_.front() : "";
    if (!take_mark(line, "state =") || !state(line, domain))
      throw lines_.malformed("\"state =\" and those of active, paused, persistent, autostart, in this order");
    lines_.take();
    if (lines_.starts_with("live =")) domain.live_xml = definition("live =");
    if (lines_.starts_with("config =")) domain.persistent_xml = definition("config =");
    if (in_section()) throw lines_.malformed("\"live =\", then \"config =\", then the next section");
    recording_.domains->push_back(std::move(domain));
  }

  static bool state(std::string_view words, DomainXml& domain) {
    const auto take_word = [&words](std::string_view word) {
      const bool is = take_prefix(words, word);
      if (is) take_prefix(words, " ");
      return is;
    };
    domain.active = take_word("active");
    domain.paused = take_word("paused");
    domain.persistent = take_word("persistent");
    domain.autostart = take_word("autostart");
    return words.empty();
  }

  std::string definition(std::string_view mark) {
    std::string_view line = lines_.front();
    if (!take_mark(line, mark)) throw lines_.malformed(fmt::format("\"{} XML\"", mark));
    return value(line);
  }

  CaptureLines lines_;
  bool cut_short_;
  Recording recording_;
  std::set<std::string, std::less<>> names_;
  std::size_t bytes_ = 0;
  std::size_t cpus_ = 0;
};

}  // namespace

Recording parse_capture(std::string_view text, const std::string& file) {
  if (text.size() > kLargestCapture)
    throw Error(
        ErrorCode::Malformed, file,
        fmt::format("cannot read {}: saw {} bytes, expected at most {}", file, text.size(), kLargestCapture));
  return Parser(text, file).parse();
}

}  // namespace gpupass
