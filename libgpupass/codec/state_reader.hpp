// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// toml++ 3.3 asserts that a key begins as it must, and with NDEBUG has clang take that for granted, before it
// checks it. The check alone is right for a file that anybody wrote.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <initializer_list>

#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"
#include "values/names.hpp"

/// The declared state, in TOML: only parse_state() includes this.
namespace gpupass {

using Keys = std::initializer_list<std::string_view>;

/// A file as it is read: every error names its line and column. read_state.cpp reads the host and its GPUs,
/// read_slices.cpp what each is cut into.
class StateReader {
 public:
  explicit StateReader(const std::string& name) : name_(printable(name)) {}

  State read(std::string_view toml);

 private:
  void expect_keys(const toml::table& table, std::string_view in, Keys keys) const;
  const toml::table* table_at(const toml::table& in, std::string_view key) const;
  std::optional<std::string> text_at(const toml::table& in, std::string_view key) const;
  std::optional<bool> answer_at(const toml::table& in, std::string_view key) const;
  /// `expected` says what each text is to be.
  std::vector<std::string> texts_at(const toml::table& in, std::string_view key,
                                    bool fits(std::string_view text), const char* expected) const;
  std::vector<std::string> units_at(const toml::table& in, std::string_view key) const;
  std::vector<NodePages> node_pages_at(const toml::table& in, std::string_view key) const;
  Preparation preparation_from(const toml::table& table) const;
  template <typename Enum>
  std::optional<Enum> choice_at(const toml::table& in, std::string_view key) const;
  template <typename Enum>
  std::vector<Enum> choices_at(const toml::table& in, std::string_view key) const;
  std::optional<std::uint64_t> pages_at(const toml::table& in, std::string_view key) const;
  CpuSet cpus_at(const toml::table& in, std::string_view key) const;
  unsigned number_from(const toml::node& node, unsigned least, unsigned most, const char* expected) const;
  DeclaredMig mig_from(const toml::node& node) const;
  std::vector<DeviceId> slices_from(const toml::node& node) const;
  DeclaredType type_from(const toml::key& key, const toml::node& node) const;
  std::vector<DeclaredType> types_from(const toml::table& table) const;
  DeclaredSlices slices_of_gpu(const toml::table& table, const toml::source_region& source) const;
  DeclaredGpu gpu_from(std::string_view key, const toml::source_region& source,
                       const toml::table& table) const;
  void read_key(DeclaredGpu& gpu, const toml::source_region& source) const;
  void read_ids(DeclaredGpu& gpu, const toml::table& table) const;
  void expect_names_once(const State& state) const;

  std::string at(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", name_, source.begin.line, source.begin.column);
  }
  [[noreturn]] void refuse(const toml::source_region& source, const std::string& saw,
                           const std::string& expected) const {
    throw Error(ErrorCode::Malformed, name_,
                fmt::format("cannot read {}: saw {}, expected {}", at(source), printable(saw), expected));
  }

  std::string name_;
};

inline std::string excerpt(std::string_view text) {
  constexpr std::size_t kMost = 60;
  return fmt::format("{:?}", text.substr(0, kMost));
}

template <typename Enum>
std::optional<Enum> StateReader::choice_at(const toml::table& in, std::string_view key) const {
  const auto text = text_at(in, key);
  if (!text) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& [value, name] : kNames<Enum>) {
    if (name == *text) return value;
    names.push_back(name);
  }
  refuse(in.get(key)->source(), excerpt(*text), fmt::format("one of {}", fmt::join(names, ", ")));
}

}  // namespace gpupass
