// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "invocation.hpp"

/// Results go to stdout, everything else to stderr.
namespace gpupass {

/// Opens what the caller closed of stdin, stdout and stderr, so that no file of ours takes their place; and
/// makes a closed pipe an error of write() instead of the end of the process in the middle of a change.
void secure_standard_streams();

/// The reader of stdout has gone, as `head` does. No message is needed.
struct ReaderGone {};

/// How a text is shown on this stream: in the width, the colours and the characters of a terminal, whole and
/// plain elsewhere.
View view_on(int stream, const Invocation& invocation = {});

/// Prints a part of the result. @throws ReaderGone, or Error System when it cannot be written.
void print(std::string_view text);
/// Prints a document as one line of JSON. @throws as print().
void print_line(std::string_view json);
/// Prints a note on stderr, unless the user asked for quiet.
void tell(const Invocation& invocation, std::string_view text);

/// Prints what the user must see before an answer.
void tell_always(std::string_view text);

/// Prints what went wrong, and what the user can do.
void tell_error(const Error& error);

/// Whether there is somebody to ask who did not say --yes.
bool would_ask(const Invocation& invocation);
/// Asks on the terminal. @returns true also where nobody can be asked, or need not be.
bool agreed(const Invocation& invocation, const std::string& question);

/// One line on the terminal that each step overwrites; gone at the end.
class ProgressLine {
 public:
  explicit ProgressLine(const Invocation& invocation);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text);

 private:
  bool visible_;
};

}  // namespace gpupass
