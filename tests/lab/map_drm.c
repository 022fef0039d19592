// SPDX-License-Identifier: LGPL-2.1-or-later
// map_drm NODE: maps memory of a DRM device, closes the file, prints "mapped" and waits: a user without an open file.
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

// From drm/drm_mode.h.
struct create_dumb {
  __u32 height, width, bpp, flags, handle, pitch;
  __u64 size;
};
struct map_dumb {
  __u32 handle, pad;
  __u64 offset;
};

int main(int count, char **arguments) {
  if (count != 2) return 2;
  const int node = open(arguments[1], O_RDWR);
  struct create_dumb create = {.height = 64, .width = 64, .bpp = 32};
  if (node < 0 || ioctl(node, _IOWR('d', 0xb2, struct create_dumb), &create)) return perror("create"), 1;
  struct map_dumb map = {.handle = create.handle};
  if (ioctl(node, _IOWR('d', 0xb3, struct map_dumb), &map)) return perror("map"), 1;
  if (mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, node, (off_t)map.offset) == MAP_FAILED)
    return perror("mmap"), 1;
  close(node);
  puts("mapped");
  fflush(stdout);
  pause();
  return 0;
}
