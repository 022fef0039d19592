// SPDX-License-Identifier: LGPL-2.1-or-later
// Preloaded into gpupass it is what `kill -9` at a chosen moment is: KILL_AT=N ends the process in the N-th write of the
// journal, of its records, or of a change that the worker is asked for.
//
//   KILL_WHEN=before  and not after that write
//   KILL_TEXT=TEXT    counts only what has this in it
//   KILL_WITH=stop    holds the process there instead: for a loss of power
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_file_of_ours(int fd) {
  char name[64], path[256];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(name, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  return !strncmp(path, "/run/gpupass/", 13) || !strncmp(path, "/var/lib/gpupass/", 17) ||
         !strncmp(path, "/etc/gpupass/", 13);
}

static int has(const void *data, size_t size, const char *text) { return memmem(data, size, text, strlen(text)) != NULL; }

/// What the worker is asked for that changes something.
static int is_change(const void *data, size_t size) {
  static const char *const changes[] = {"write",  "define", "undefine", "set-metadata",     "start", "destroy",
                                        "attach", "detach", "build-boot-image", "exchange-boot-images"};
  for (size_t at = 0; at < sizeof changes / sizeof *changes; ++at) {
    char text[32];
    snprintf(text, sizeof text, "\"op\":\"%s\"", changes[at]);
    if (has(data, size, text)) return 1;
  }
  return 0;
}

static int is(const char *name, const char *value) {
  const char *given = getenv(name);
  return given && !strcmp(given, value);
}

static void end(void) { kill(getpid(), is("KILL_WITH", "stop") ? SIGSTOP : SIGKILL); }

/// Whether this is the one. When the process is to end before it, it does.
static int is_last(int counts, const void *data, size_t size) {
  static int count;
  const char *at = getenv("KILL_AT"), *text = getenv("KILL_TEXT");
  if (!at || !counts || (text && !has(data, size, text)) || ++count != atoi(at)) return 0;
  if (!is("KILL_WHEN", "before")) return 1;
  end();
  return 0;
}

ssize_t write(int fd, const void *data, size_t size) {
  static ssize_t (*next)(int, const void *, size_t);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "write");
  const int last = is_last(is_file_of_ours(fd), data, size);
  const ssize_t written = next(fd, data, size);
  if (last) end();
  return written;
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
  static ssize_t (*next)(int, const void *, size_t, int);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "send");
  const int last = is_last(is_change(data, size), data, size);
  const ssize_t sent = next(fd, data, size, flags);
  if (last) end();
  return sent;
}
