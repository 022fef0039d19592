// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/gpupass.h"
#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

/// What stands behind the pointers of C.
struct gpupass_error {
  gpupass::Error error;
  std::string json;
};
struct gpupass_system {
  std::unique_ptr<gpupass::System> system;
};
struct gpupass_host {
  gpupass::Host host;
};

namespace gpupass {

/// The present exception, for a caller who wants it. No exception reaches C.
void give_error(gpupass_error** error) noexcept;

/// The result of `body`; if that throws, nullptr and the error.
template <typename Body>
auto guarded(gpupass_error** error, const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    give_error(error);
    return nullptr;
  }
}

/// A copy that C frees.
char* text_for_c(std::string_view text);

/// What an argument points to. @throws Error Usage for NULL.
template <typename T>
T& given(T* argument, const char* what) {
  if (argument) return *argument;
  throw Error(ErrorCode::Usage, what, std::string("cannot call gpupass: saw NULL, expected ") + what);
}
std::string given_text(const char* text, const char* what);
/// An object in JSON; "{}" for NULL.
std::string options_text(const char* options);
/// An array that ends with NULL; empty for NULL.
std::vector<std::string> texts_in(const char* const* texts);

}  // namespace gpupass
