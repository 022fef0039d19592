// SPDX-License-Identifier: LGPL-2.1-or-later
// Preload this library to kill gpupass at a chosen moment: KILL_AT=N kills the process after its N-th write to the
// journal, to its other records, or of a change request to the worker.
//
//   KILL_WHEN=before  kills it before that write
//   KILL_TEXT=TEXT    counts only writes that contain TEXT
//   KILL_WITH=stop    stops the process instead, for a power loss
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

/// Whether this is a request to the worker for a change.
static int is_change(const void *data, size_t size) {
  static const char *const changes[] = {"write",  "define", "undefine", "set-metadata",     "start", "destroy",
                                        "attach", "detach", "build-boot-image", "exchange-boot-images",
                                        "define-mediated-device"};
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

/// Whether the process must end after this write. Ends the process if it must end before it.
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
