/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Places a guest with two GPUs, and prints what binding them would do. Nothing is changed.
 *     cc place.c $(pkg-config --cflags --libs gpupass) && ./a.out
 */
#include <gpupass/gpupass.h>
#include <stdio.h>
#include <string.h>

static int give_up(gpupass_error *error) {
  fprintf(stderr, "%s\n%s\n", gpupass_error_message(error), gpupass_error_hint(error));
  gpupass_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  char options[4200] = "{}";
  if (argc > 1 && strlen(argv[1]) < 4096) sprintf(options, "{\"root\": \"%s\"}", argv[1]);

  gpupass_error *error = NULL;
  gpupass_system *machine = gpupass_open(options, &error);
  if (!machine) return give_up(error);
  gpupass_host *host = gpupass_probe(machine, NULL, NULL, &error);
  gpupass_close(machine);
  if (!host) return give_up(error);

  char *placement = gpupass_place(host, "{\"gpu_count\": 2, \"vcpus\": 16}", &error);
  char *text = placement ? gpupass_render(host, "placement", placement, NULL, &error) : NULL;
  if (text) fputs(text, stdout);
  gpupass_free(text);
  gpupass_free(placement);

  if (!error) {
    const char *gpus[] = {"node:1", NULL};
    char *plan = gpupass_plan_bind(host, gpus, NULL, &error);
    text = plan ? gpupass_render(host, "plan", plan, "{\"verbose\": true}", &error) : NULL;
    if (text) fputs(text, stdout);
    gpupass_free(text);
    gpupass_free(plan);
  }
  gpupass_host_free(host);
  return error ? give_up(error) : 0;
}
