// SPDX-License-Identifier: LGPL-2.1-or-later
// Preload this library to lose libvirt's daemon at a chosen moment: LOSE_AT=N kills the daemon with the N-th message that
// gpupass, or its worker, sends to it. The file LOSE_COUNT gets one byte for each message.
//
//   LOSE_WHEN=before    kills it before it has the message
//   LOSE_WHEN=answered  kills it once it has answered, and the answer is lost
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int lost = -1;  // The connection whose next answer is lost.

static int is_of_daemon(int fd) {
  struct sockaddr_un peer;
  memset(&peer, 0, sizeof peer);
  socklen_t size = sizeof peer;
  return getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sun_family == AF_UNIX &&
         strstr(peer.sun_path, "/libvirt-sock") != NULL;
}

static void kill_daemon(void) {
  int process;
  FILE *file = fopen("/run/libvirtd.pid", "r");
  if (file && fscanf(file, "%d", &process) == 1 && process > 1) kill(process, SIGKILL);
  if (file) fclose(file);
}

/// Counts this message, together with those of earlier processes.
static int number_of_message(ssize_t (*next)(int, const void *, size_t)) {
  struct stat counted = {0};
  const int fd = open(getenv("LOSE_COUNT"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || next(fd, ".", 1) != 1 || fstat(fd, &counted) != 0) abort();
  close(fd);
  return (int)counted.st_size;
}

ssize_t write(int fd, const void *data, size_t size) {
  static ssize_t (*next)(int, const void *, size_t);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "write");
  if (is_of_daemon(fd) && number_of_message(next) == atoi(getenv("LOSE_AT"))) {
    if (strcmp(getenv("LOSE_WHEN"), "before"))
      lost = fd;
    else
      kill_daemon();
  }
  return next(fd, data, size);
}

ssize_t read(int fd, void *data, size_t size) {
  static ssize_t (*next)(int, void *, size_t);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "read");
  const ssize_t got = next(fd, data, size);
  if (fd != lost || got <= 0) return got;
  lost = -1;
  kill_daemon();
  return 0;  // As when the connection ends.
}
