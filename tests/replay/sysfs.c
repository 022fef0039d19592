// SPDX-License-Identifier: LGPL-2.1-or-later
// What scenarios need and busybox does not have.
//
//   sysfs state          prints of each PCI function: address, first member of its group, driver, override
//   sysfs play < LINES   each line is PATH VALUE: writes the value, and prints the error number of the write
//   sysfs hold PATH      opens the file and keeps it open
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

static int state(void) {
  struct dirent **devices;
  const int count = scandir(kDevices, &devices, NULL, alphasort);
  for (int at = 0; at < count; ++at) {
    const char *device = devices[at]->d_name;
    if (*device == '.') continue;
    char path[512], override[4096] = "-\n";
    snprintf(path, sizeof path, "%s/%s/driver_override", kDevices, device);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(override, sizeof override, file)) strcpy(override, "-\n");
    if (file) fclose(file);
    printf("%s %s %s %s", device, group_of(device), driver_of(device),
           strcmp(override, "(null)\n") ? override : "-\n");
  }
  return 0;
}

static int store(const char *path, const char *value) {
  const int file = open(path, O_WRONLY);
  if (file < 0) return errno;
  const ssize_t written = write(file, value, strlen(value));
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

static int play(void) {
  static char line[8192];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    char *value = strchr(line, ' ');
    if (!value) return 1;
    *value++ = '\0';
    printf("%d\n", store(line, value));
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "state")) return state();
  if (argc == 2 && !strcmp(argv[1], "play")) return play();
  if (argc == 3 && !strcmp(argv[1], "hold")) {
    if (open(argv[2], O_RDWR) < 0) return 1;
    for (;;) pause();
  }
  return 2;
}
