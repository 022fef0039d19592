// SPDX-License-Identifier: LGPL-2.1-or-later
#include "c/guard.hpp"
#include "c/options.hpp"
#include "c/request.hpp"
#include "codec/options.hpp"
#include "gpupass/json.hpp"
#include "gpupass/policy.hpp"

/// Plans of slices.
using namespace gpupass;

namespace {

PciAddress only_gpu_named(const Host& host, const std::string& name) {
  const std::vector<PciAddress> gpus = gpus_named(host, {name});
  if (gpus.size() == 1) return gpus.front();
  throw Error(ErrorCode::Usage, name, "cannot plan: saw several GPUs, expected the name of one");
}

Plan plan_create(const Host& host, PciAddress gpu, const SliceCreateOptions& options) {
  if ((options.vfs ? 1 : 0) + (options.type.empty() ? 0 : 1) + (options.mig ? 1 : 0) != 1)
    throw Error(ErrorCode::Usage, "options", "cannot plan slices: expected one of vfs, type and mig");
  if (options.vfs) return plan_slice_create(host, gpu, *options.vfs);
  if (options.mig) return plan_mig_create(host, gpu, *options.mig);
  return plan_slice_create(host, gpu,
                           SliceRequest{options.type, options.count, options.uuid, options.at_boot});
}

Plan plan_destroy(const Host& host, const std::vector<std::string>& names,
                  const SliceDestroyOptions& options) {
  if (!options.mig && !options.mig_off) return plan_slice_destroy(host, devices_named(host, names));
  if (names.size() != 1 || (options.mig && options.mig_off))
    throw Error(ErrorCode::Usage, "options",
                "cannot plan slices: expected one GPU, and one of mig and mig_off");
  const PciAddress gpu = only_gpu_named(host, names.front());
  if (options.mig_off) return plan_mig(host, {{.gpu = gpu, .enabled = false, .profiles = {}}});
  return plan_mig_destroy(host, gpu, *options.mig);
}

}  // namespace

char* gpupass_plan_slice_create(const gpupass_host* host, const char* gpu, const char* options,
                                gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<SliceCreateOptions>(options_text(options), "options");
    const Host& seen = given(host, "a host").host;
    return text_for_c(to_json(plan_create(seen, only_gpu_named(seen, given_text(gpu, "a GPU")), chosen)));
  });
}

char* gpupass_plan_slice_destroy(const gpupass_host* host, const char* const* slices, const char* options,
                                 gpupass_error** error) {
  return guarded(error, [&] {
    const auto chosen = options_from_json<SliceDestroyOptions>(options_text(options), "options");
    return text_for_c(to_json(plan_destroy(given(host, "a host").host, texts_in(slices), chosen)));
  });
}
