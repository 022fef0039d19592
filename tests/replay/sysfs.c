// SPDX-License-Identifier: LGPL-2.1-or-later
// What scenarios need and busybox does not have.
//
//   sysfs state          prints of each PCI function: address, first member of its group, driver, override
//   sysfs play < LINES   performs what sequences.py prints: each write comes out with its error number before it
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char kDevices[] = "/sys/bus/pci/devices";

/// "-": it has no driver.
static const char *driver_of(const char *device) {
  static char text[512];
  char path[512];
  snprintf(path, sizeof path, "%s/%s/driver", kDevices, device);
  const ssize_t size = readlink(path, text, sizeof text - 1);
  text[size < 0 ? 0 : size] = '\0';
  return size < 0 ? "-" : strrchr(text, '/') + 1;
}

/// The first member of its group, whose number may change. "-": it has no group.
static const char *group_of(const char *device) {
  static char first[300];
  char path[512];
  snprintf(path, sizeof path, "%s/%s/iommu_group/devices", kDevices, device);
  strcpy(first, "-");
  DIR *members = opendir(path);
  for (struct dirent *member; members && (member = readdir(members));)
    if (*member->d_name != '.' && (*first == '-' || strcmp(member->d_name, first) < 0)) strcpy(first, member->d_name);
  if (members) closedir(members);
  return first;
}

/// "-": it has none.
static const char *override_of(const char *device) {
  static char text[4096];
  char path[512];
  snprintf(path, sizeof path, "%s/%s/driver_override", kDevices, device);
  FILE *file = fopen(path, "r");
  if (!file || !fgets(text, sizeof text, file) || !strcmp(text, "(null)\n") || *text == '\n') strcpy(text, "-");
  if (file) fclose(file);
  text[strcspn(text, "\n")] = '\0';
  return text;
}

static int state(void) {
  struct dirent **devices;
  const int count = scandir(kDevices, &devices, NULL, alphasort);
  for (int at = 0; at < count; ++at) {
    const char *device = devices[at]->d_name;
    if (*device != '.') printf("%s %s %s %s\n", device, group_of(device), driver_of(device), override_of(device));
  }
  return 0;
}

static int store(const char *path, const char *value) {
  char full[1024];
  snprintf(full, sizeof full, "/sys/bus/pci/%s", path);
  const int file = open(full, O_WRONLY);
  if (file < 0) return errno;
  const ssize_t written = *value ? write(file, value, strlen(value)) : write(file, "\n", 1);
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

/// Writes what a line "PATH VALUE" says.
static int perform(const char *line) {
  char path[512];
  const char *value = strchr(line, ' ');
  if (!value) return EINVAL;
  snprintf(path, sizeof path, "%.*s", (int)(value - line), line);
  return store(path, value + 1);
}

static int play(void) {
  static char line[512], home[64][512];
  int homes = 0;
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (!strncmp(line, "home ", 5) && homes < 64) {
      strcpy(home[homes++], line + 5);
      puts(line);
    } else if (!strcmp(line, "home")) {
      for (int at = 0; at < homes; ++at) perform(home[at]);
      puts(line);
    } else if (!strncmp(line, "state ", 6)) {
      for (char *device = strtok(line + 6, " "); device; device = strtok(NULL, " "))
        printf("%s %s %s\n", device, driver_of(device), override_of(device));
    } else {
      printf("%d %s\n", perform(line), line);
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "state")) return state();
  if (argc == 2 && !strcmp(argv[1], "play")) return play();
  return 2;
}
