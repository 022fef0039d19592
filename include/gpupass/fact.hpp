// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#pragma GCC visibility push(default)
namespace gpupass {

/// There is nothing: no driver, no IOMMU group. A certain answer.
struct Absent {
  friend bool operator==(const Absent&, const Absent&) = default;
};

/// There may be something, but it cannot be determined; `why` gives the reason.
struct Unknown {
  std::string why;
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

/// One fact about the machine: a value, certainly absent, unknown and why, or never asked for.
/// The four stay different in memory and in JSON (value; null; {"unknown": why}; no key).
template <typename T>
class Fact {
 public:
  Fact() = default;  ///< Not asked.
  Fact(T value) : state_(std::in_place_index<3>, std::move(value)) {}
  Fact(Absent absent) : state_(absent) {}
  Fact(Unknown unknown) : state_(std::move(unknown)) {}

  bool known() const { return state_.index() == 3; }
  bool absent() const { return state_.index() == 1; }
  bool unknown() const { return state_.index() == 2; }
  bool asked() const { return state_.index() != 0; }
  explicit operator bool() const { return known(); }

  /// The value. Only when known().
  const T& operator*() const { return std::get<3>(state_); }
  const T* operator->() const { return &std::get<3>(state_); }
  T& operator*() { return std::get<3>(state_); }
  T* operator->() { return &std::get<3>(state_); }
  T value_or(T otherwise) const {
    if (known()) return **this;
    return otherwise;
  }

  /// Why it is unknown; empty otherwise.
  std::string why() const { return unknown() ? std::get<2>(state_).why : std::string(); }

  /// This fact without its value: the same kind of "no value" for another type.
  template <typename U>
  Fact<U> without_value() const {
    if (absent()) return Absent{};
    if (unknown()) return Unknown{why()};
    return {};
  }

  friend bool operator==(const Fact&, const Fact&) = default;

 private:
  struct NotAsked {
    friend bool operator==(const NotAsked&, const NotAsked&) = default;
  };
  std::variant<NotAsked, Absent, Unknown, T> state_;
};

/// An answer that may be unknown; JSON shows "yes", "no", "unknown".
enum class Answer { Yes, No, Unknown };
/// "yes", "no", "unknown".
std::string_view to_string(Answer answer);

}  // namespace gpupass
#pragma GCC visibility pop
