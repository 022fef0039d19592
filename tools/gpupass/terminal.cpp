// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "gpupass/render.hpp"

namespace gpupass {

namespace {

constexpr auto kEraseLine = "\r\033[K";

[[noreturn]] void cannot_print() {
  const int number = errno;
  if (number == EPIPE) throw ReaderGone();
  throw Error(ErrorCode::System, "stdout", fmt::format("cannot write the result: {}", std::strerror(number)));
}

/// By the rules of locale(7).
bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const char* value = std::getenv(name); value && *value) {
      const std::string_view locale = value;
      return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
    }
  return false;
}

}  // namespace

void secure_standard_streams() {
  // Opened the wrong way round: whoever uses a stream that the caller closed still gets an error.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) _exit(1);
  std::signal(SIGPIPE, SIG_IGN);
}

View view_on(int stream, const Invocation& invocation) {
  View view{.columns = 0, .colour = false, .verbose = invocation.verbose};
  if (isatty(stream) == 0) return view;
  winsize size = {};
  if (ioctl(stream, TIOCGWINSZ, &size) == 0) view.columns = size.ws_col;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool able = terminal && std::string_view(terminal) != "dumb";
  view.colour = able && !(no_colour && *no_colour);
  view.boxes = able && is_utf8_locale();
  return view;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) cannot_print();
  if (std::fflush(stdout) != 0) cannot_print();
}

void print_line(std::string_view json) {
  std::string line;
  bool indent = false;
  for (const char c : json) {  // A text within JSON has no line breaks of its own.
    indent = c == '\n' || (indent && c == ' ');
    if (!indent) line += c;
  }
  print(line + '\n');
}

void tell(const Invocation& invocation, std::string_view text) {
  if (!invocation.quiet) tell_always(text);
}

void tell_always(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void tell_error(const Error& error) {
  tell_always(render_error(error, view_on(STDERR_FILENO)));
}

bool would_ask(const Invocation& invocation) {
  return !invocation.yes && isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

bool agreed(const Invocation& invocation, const std::string& question) {
  if (!would_ask(invocation)) return true;
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

ProgressLine::ProgressLine(const Invocation& invocation)
    : visible_(isatty(STDERR_FILENO) != 0 && !invocation.quiet) {}

ProgressLine::~ProgressLine() {
  if (visible_) std::cerr << kEraseLine << std::flush;
}

void ProgressLine::show(const std::string& text) {
  if (visible_) std::cerr << kEraseLine << printable(text) << "..." << std::flush;
}

}  // namespace gpupass
