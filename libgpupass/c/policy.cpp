// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/policy.hpp"

#include <chrono>

#include "c/guard.hpp"
#include "c/options.hpp"
#include "c/request.hpp"
#include "codec/document.hpp"
#include "codec/options.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/json.hpp"

using namespace gpupass;

namespace gpupass {

std::vector<PciAddress> gpus_named(const Host& host, const std::vector<std::string>& names) {
  return names.empty() ? std::vector<PciAddress>() : select_gpus(host, names, pci_names()).gpus;
}

std::vector<DeviceId> devices_named(const Host& host, const std::vector<std::string>& names) {
  std::vector<DeviceId> devices;
  std::vector<std::string> functions;
  for (const std::string& name : names)
    if (const auto device = DeviceId::parse(name); device && device->is_mediated())
      devices.push_back(*device);
    else
      functions.push_back(name);
  for (const PciAddress function : gpus_named(host, functions)) devices.emplace_back(function);
  return devices;
}

Request request_given(const Host& host, const char* request) {
  auto asked = options_from_json<Request>(options_text(request), "request");
  std::vector<std::string> gpus;
  for (const PciAddress gpu : gpus_named(host, asked.gpus)) gpus.push_back(gpu.to_string());
  asked.gpus = gpus;
  return asked;
}

}  // namespace gpupass

char* gpupass_select(const gpupass_host* host, const char* const* names, gpupass_error** error) {
  return guarded(error, [&] {
    return text_for_c(to_json(select_gpus(given(host, "a host").host, texts_in(names), pci_names())));
  });
}

char* gpupass_assess(const gpupass_host* host, gpupass_error** error) {
  return guarded(
      error, [&] { return text_for_c(json_document("assessments", assess(given(host, "a host").host))); });
}

char* gpupass_check(const gpupass_host* host, const char* const* gpus, gpupass_error** error) {
  return guarded(error, [&] {
    const Host& seen = given(host, "a host").host;
    const std::vector<std::string> names = texts_in(gpus);
    const auto chosen = names.empty() ? gpus_to_check(seen).gpus : gpus_named(seen, names);
    return text_for_c(json_document("findings", check(seen, chosen)));
  });
}

char* gpupass_check_domain(const gpupass_host* host, const char* xml, gpupass_error** error) {
  return guarded(error, [&] {
    return text_for_c(
        json_document("findings", check_domain(given(host, "a host").host, given_text(xml, "a definition"))));
  });
}

char* gpupass_place(const gpupass_host* host, const char* request, gpupass_error** error) {
  return guarded(error, [&] {
    const Host& seen = given(host, "a host").host;
    return text_for_c(to_json(place(seen, request_given(seen, request))));
  });
}

char* gpupass_pack(const gpupass_host* const* hosts, size_t count, const char* requests, const char* options,
                   gpupass_error** error) {
  return guarded(error, [&] {
    std::vector<Host> seen;
    for (std::size_t i = 0; i < count; ++i)
      seen.push_back(given(given(hosts, "an array of hosts") ? hosts[i] : nullptr, "a host").host);
    const auto asked = requests_from_json(given_text(requests, "requests"));
    const auto chosen = options_from_json<PackOptions>(options_text(options), "options");
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(chosen.deadline_ms);
    return text_for_c(json_document("packing", pack(seen, asked, [&](const PackingProgress&) {
                                      return std::chrono::steady_clock::now() < end;
                                    })));
  });
}

char* gpupass_define(const gpupass_host* host, const char* request, const char* base, gpupass_error** error) {
  return guarded(error, [&] {
    const Host& seen = given(host, "a host").host;
    const Request asked = request_given(seen, request);
    const Base begin{.xml = base ? base : "", .use = Base::Use::Patch};
    return text_for_c(
        json_document("definition", make_definition(seen, asked, complete_request(asked, begin), begin)));
  });
}
