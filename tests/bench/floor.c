// SPDX-License-Identifier: LGPL-2.1-or-later
// floor LIST: opens and reads each file that the list names, one a line, and does nothing else: the least that a program
// can cost that wants to know them. A line that begins with "@" names a link.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char names[1 << 24], content[1 << 16];

int main(int count, char **arguments) {
  const int list = count == 2 ? open(arguments[1], O_RDONLY) : -1;
  const ssize_t size = read(list, names, sizeof names - 1);
  if (size < 0) return 2;
  char *end;
  for (char *name = names; (end = strchr(name, '\n')); name = end + 1) {
    *end = '\0';
    if (*name == '@') {
      if (readlink(name + 1, content, sizeof content) < 0) return 1;
      continue;
    }
    const int file = open(name, O_RDONLY);
    if (file < 0 || read(file, content, sizeof content) < 0) return 1;
    close(file);
  }
  return 0;
}
