// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"
#include "values/words.hpp"

namespace gpupass {

/// How to parse the text of an attribute, and the words of a message for its form.
template <typename T>
struct Form {
  std::optional<T> (*parse)(std::string_view text);
  const char* expected;
};

inline constexpr Form<CpuSet> kCpuList{CpuSet::parse, "a list of CPUs"};

/// Why a fact that a System gave for `path` has no value, without the path in front.
template <typename T>
std::string reason_of(const Fact<T>& fact, const std::string& path) {
  if (fact.absent()) return "does not exist";
  const std::string why = fact.why();
  return why.starts_with(path + ": ") ? why.substr(path.size() + 2) : why;
}

/// One directory of attributes, and whose it is. What cannot be read or parsed becomes an unknown fact that
/// names the path, what was seen and what was expected; and one limit.
class Folder {
 public:
  /// @param subject what limits call it: "0000:65:00.0".
  Folder(const System& system, Limits& limits, std::string path, std::string subject)
      : system_(system), limits_(limits), path_(std::move(path)), subject_(std::move(subject)) {}

  const std::string& subject() const { return subject_; }
  std::string path_of(std::string_view name) const { return path_ + '/' + std::string(name); }

  /// The attribute's value. A missing attribute is absent.
  template <typename T>
  Fact<T> read(std::string_view name, const Form<T>& form) const {
    return understood(name, content(name), form);
  }
  /// As read(), for an attribute that every machine has: a missing one is unknown.
  template <typename T>
  Fact<T> expect(std::string_view name, const Form<T>& form) const {
    return expected(name, read(name, form));
  }
  /// What the link's last component means: "nvidia" of "../../../bus/pci/drivers/nvidia".
  template <typename T>
  Fact<T> link(std::string_view name, const Form<T>& form) const {
    return understood(name, last_component(system_.link(path_of(name))), form);
  }
  /// A fact that should be there, with a limit where it is not.
  template <typename T>
  Fact<T> expected(std::string_view name, Fact<T> fact) const {
    if (fact.absent()) return unknown(name, "does not exist");
    return fact;
  }

  /// The attribute's text, or why there is none.
  Fact<std::string> text(std::string_view name) const;
  /// Bytes of a binary attribute, as Files::read_bytes().
  Fact<std::string> bytes(std::string_view name, std::size_t offset, std::size_t count) const;
  /// The names in a directory below this one, ascending.
  Fact<std::vector<std::string>> list(std::string_view name) const;

  /// "<path>: <why>", noted as a limit.
  Unknown unknown(std::string_view name, const std::string& why) const;
  /// Notes that a fact of this folder could not be seen.
  void limit(std::string_view what, const std::string& why) const;

 private:
  static Fact<std::string> last_component(Fact<std::string> target);
  /// What the file holds; behind a deadline where reading it may block.
  Fact<std::string> content(std::string_view name) const;

  template <typename T>
  Fact<T> understood(std::string_view name, const Fact<std::string>& text, const Form<T>& form) const {
    if (text.unknown()) return unknown(name, reason_of(text, path_of(name)));
    if (!text) return text.without_value<T>();
    if (std::optional<T> value = form.parse(*text)) return *std::move(value);
    return unknown(name, "saw " + shown(*text) + ", expected " + form.expected);
  }

  const System& system_;
  Limits& limits_;
  std::string path_;
  std::string subject_;
};

/// The forms of the kernel's attributes. Numbers in full: no sign, no space, nothing behind.
extern const Form<std::uint8_t> kHex8;    ///< "0xa1".
extern const Form<std::uint16_t> kHex16;  ///< "0x10de".
extern const Form<unsigned> kDecimal;     ///< "16".
extern const Form<std::string> kWord;     ///< "D3hot": a letter, then letters, digits, "_" and "-".
extern const Form<std::vector<std::string>> kWords;  ///< "flr bus"; may be empty.

}  // namespace gpupass
