// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "system/capture/format.hpp"
#include "system/capture/text.hpp"

namespace gpupass {

namespace {

// Sections, as others are, that earlier versions ignore.
constexpr std::string_view kBegin = "\n[+capture]", kEnd = "\n[+end]";

using Out = std::back_insert_iterator<std::string>;

/// "name mark text", without a space at the end when there is no text.
void print_line(Out out, std::string_view name, std::string_view mark, std::string_view text) {
  fmt::format_to(out, "{} {}{}{}\n", name, mark, text.empty() ? "" : " ", escape_value(text));
}

void print_bytes(Out out, std::string_view name, std::string_view content) {
  fmt::format_to(out, "{} : {} bytes\n", name, content.size());
  for (std::size_t offset = 0; offset < content.size(); offset += 16) {
    const std::string_view row = content.substr(offset, 16);
    if (std::ranges::all_of(row, [](char byte) { return byte == 0; })) continue;
    fmt::format_to(out, "| {:03x}:", offset);
    for (const char byte : row) fmt::format_to(out, " {:02x}", static_cast<unsigned char>(byte));
    fmt::format_to(out, "\n");
  }
}

void print_rows(Out out, std::string_view name, std::string_view content) {
  fmt::format_to(out, "{} =\n", name);
  for (;;) {
    const auto newline = content.find('\n');
    const std::string row = escape_value(content.substr(0, newline));
    fmt::format_to(out, "|{}{}\n", row.empty() ? "" : " ", row);
    if (newline == content.npos) return;
    content.remove_prefix(newline + 1);
  }
}

void print_value(Out out, std::string_view name, std::string_view content) {
  if (content.find('\n') == content.npos) return print_line(out, name, "=", content);
  print_rows(out, name, content);
}

void print_entry(Out out, std::string_view name, const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::File:
      return is_binary(entry.text) ? print_bytes(out, name, entry.text) : print_value(out, name, entry.text);
    case Entry::Kind::Link:
      return print_line(out, name, "->", entry.text);
    case Entry::Kind::Denied:
      return print_line(out, name, "!", entry.text);
    case Entry::Kind::Absent:
      return print_line(out, name, "-", "");
    case Entry::Kind::Seen:
      return print_line(out, name, "?", "");
  }
}

void print_directory(Out out, const std::string& path, const Directory& directory) {
  fmt::format_to(out, "\n[{}]{}\n", escape_value(path), directory.listed ? "" : " ...");
  for (const auto& [name, entry] : directory.entries) print_entry(out, escape_name(name), entry);
}

/// What stands in a section whose fact has no value.
template <typename T>
void print_no_value(Out out, const Fact<T>& fact) {
  if (fact.absent()) {
    fmt::format_to(out, "-\n");
  } else {
    fmt::format_to(out, "!{}{}\n", fact.why().empty() ? "" : " ", escape_value(fact.why()));
  }
}

void print_set(Out out, std::string_view name, const CpuSet& cpus) {
  print_value(out, name, cpus.to_string());
}

void print_topology(Out out, const Fact<CpuTopology>& topology) {
  if (!topology.asked()) return;
  fmt::format_to(out, "\n[cpu topology]\n");
  if (!topology) return print_no_value(out, topology);
  print_set(out, "cpus", topology->cpus);
  for (const Package& package : topology->packages)
    print_set(out, fmt::format("package {}", package.id), package.cpus);
  for (const Cache& cache : topology->last_level_caches)
    print_set(out, fmt::format("cache L{} {}", cache.level, cache.size_bytes), cache.cpus);
  for (const Core& core : topology->cores) print_set(out, "core", core.cpus);
}

std::string state_words(const DomainXml& domain) {
  std::string words;
  const auto add = [&words](bool is, std::string_view word) {
    if (is) words.append(words.empty() ? "" : " ").append(word);
  };
  add(domain.active, "active");
  add(domain.paused, "paused");
  add(domain.persistent, "persistent");
  add(domain.autostart, "autostart");
  return words;
}

void print_domains(Out out, const Fact<std::vector<DomainXml>>& domains) {
  if (!domains.asked()) return;
  if (!domains || domains->empty()) fmt::format_to(out, "\n[domains]\n");
  if (!domains) return print_no_value(out, domains);
  for (const DomainXml& domain : *domains) {
    fmt::format_to(out, "\n[domain {}]\n", escape_value(domain.name));
    print_value(out, "state", state_words(domain));
    if (!domain.live_xml.empty()) print_value(out, "live", domain.live_xml);
    if (!domain.persistent_xml.empty()) print_value(out, "config", domain.persistent_xml);
  }
}

}  // namespace

bool is_cut_short(std::string_view capture) {
  const std::string_view text = capture.substr(0, capture.find_last_not_of(" \n") + 1);
  return text.find(kBegin) != text.npos && !text.ends_with(kEnd);
}

std::string print_capture(const Recording& recording) {
  std::string text = fmt::format("gpupass host 1\n{}\n", kBegin);
  const Out out = std::back_inserter(text);
  for (const auto& [path, directory] : recording.directories) print_directory(out, path, directory);
  print_topology(out, recording.cpu_topology);
  print_domains(out, recording.domains);
  return text.append(kEnd).append("\n");
}

}  // namespace gpupass
