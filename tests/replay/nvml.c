// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands in for NVIDIA's management library: each GPU is there, its persistence mode is off, and it can
// have no MIG.
static int device;

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int result) { return result ? "failed" : "fine"; }

int nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **handle) {
  *handle = &device;
  return id ? 0 : 2;
}

int nvmlDeviceGetPersistenceMode(void *handle, int *mode) {
  *mode = 0;
  return handle ? 0 : 2;
}

int nvmlDeviceSetPersistenceMode(void *handle, int mode) { return handle && !mode ? 0 : 2; }

int nvmlDeviceGetMigMode(void *handle, unsigned *now, unsigned *pending) {
  *now = *pending = 0;
  return handle ? 3 : 2;
}
