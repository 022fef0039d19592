// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Stands in for NVIDIA's management library, with the same names and numbers: one GPU, 0000:65:00.0 or
// $NVML_DOUBLE_GPU, whose persistence mode is the first character of the file $NVML_DOUBLE. Each time that it
// is initialised puts a "b" into $NVML_DOUBLE.begun.
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {

enum { SUCCESS = 0, NOT_FOUND = 6, NO_PERMISSION = 4 };

int nvmlInit_v2(void) {
  const char* path = getenv("NVML_DOUBLE");
  if (!path) return NO_PERMISSION;
  char begun[4096];
  snprintf(begun, sizeof begun, "%s.begun", path);
  FILE* file = fopen(begun, "a");
  if (!file) return NO_PERMISSION;
  fputc('b', file);
  return fclose(file) == 0 ? SUCCESS : NO_PERMISSION;
}
int nvmlShutdown(void) {
  return SUCCESS;
}
const char* nvmlErrorString(int result) {
  switch (result) {
    case NOT_FOUND:
      return "Not Found";
    case NO_PERMISSION:
      return "Insufficient Permissions";
    case 3:
      return "Not Supported";
    case 16:
      return "GPU requires reset";
    case 19:
      return "In use by another client";
    case 23:
      return "Insufficient Resources";
    default:
      return "Unknown Error";
  }
}

int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  static int gpu;
  *device = &gpu;
  const char* named = getenv("NVML_DOUBLE_GPU");
  return strcmp(id, named ? named : "0000:65:00.0") == 0 ? SUCCESS : NOT_FOUND;
}

int nvmlDeviceGetPersistenceMode(void* device, int* mode) {
  FILE* file = fopen(getenv("NVML_DOUBLE"), "r");
  *mode = file ? fgetc(file) == '1' : 0;
  if (file) fclose(file);
  return device ? SUCCESS : NOT_FOUND;
}

int nvmlDeviceSetPersistenceMode(void* device, int mode) {
  FILE* file = fopen(getenv("NVML_DOUBLE"), "w");
  if (!device || !file) return NO_PERMISSION;
  fputc(mode ? '1' : '0', file);
  return fclose(file) == 0 ? SUCCESS : NO_PERMISSION;
}

}  // extern "C"
