// SPDX-License-Identifier: LGPL-2.1-or-later
#include "c/guard.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include "gpupass/render.hpp"
#include "gpupass/version.hpp"

using gpupass::Error;
using gpupass::ErrorCode;

namespace gpupass {

namespace {

Error present_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorCode::System, "gpupass", std::string("cannot go on: ") + error.what());
  } catch (...) {
    return Error(ErrorCode::System, "gpupass", "cannot go on: saw an unknown exception");
  }
}

}  // namespace

void give_error(gpupass_error** error) noexcept {
  if (!error) return;
  const Error present = present_error();
  *error = new gpupass_error{present, render_error_json(present)};
}

char* text_for_c(std::string_view text) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

std::string given_text(const char* text, const char* what) {
  return &given(text, what);
}

std::string options_text(const char* options) {
  return options ? options : "{}";
}

std::vector<std::string> texts_in(const char* const* texts) {
  std::vector<std::string> list;
  for (; texts && *texts; ++texts) list.emplace_back(*texts);
  return list;
}

}  // namespace gpupass

const char* gpupass_version(void) {
  return GPUPASS_VERSION;
}

void gpupass_free(char* text) {
  std::free(text);
}

gpupass_code gpupass_error_code(const gpupass_error* error) {
  return static_cast<gpupass_code>(static_cast<int>(error->error.code()) + GPUPASS_USAGE);
}
static_assert(static_cast<int>(ErrorCode::Usage) == 0 &&
              static_cast<int>(ErrorCode::Cancelled) + GPUPASS_USAGE == GPUPASS_CANCELLED);

const char* gpupass_code_name(gpupass_code code) {
  return to_string(static_cast<ErrorCode>(static_cast<int>(code) - GPUPASS_USAGE)).data();
}

const char* gpupass_error_subject(const gpupass_error* error) {
  return error->error.subject().c_str();
}

const char* gpupass_error_message(const gpupass_error* error) {
  return error->error.what();
}

const char* gpupass_error_hint(const gpupass_error* error) {
  return error->error.hint().c_str();
}

const char* gpupass_error_json(const gpupass_error* error) {
  return error->json.c_str();
}

void gpupass_error_free(gpupass_error* error) {
  delete error;
}
