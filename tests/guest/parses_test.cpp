// SPDX-License-Identifier: LGPL-2.1-or-later
// How often a definition is parsed. Each parse is a place that has an idea of its own of what the text means.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace {
unsigned parses = 0;
}

// Stands in front of the library's own, by which all of gpupass parses.
pugi::xml_parse_result pugi::xml_document::load_buffer(const void* text, std::size_t size, unsigned options,
                                                       xml_encoding encoding) {
  using Parse = xml_parse_result (*)(xml_document*, const void*, std::size_t, unsigned, xml_encoding);
  static const auto parse = reinterpret_cast<Parse>(
      dlsym(RTLD_NEXT, "_ZN4pugi12xml_document11load_bufferEPKvmjNS_12xml_encodingE"));
  ++parses;
  return parse(this, text, size, options, encoding);
}

namespace gpupass::parses_test {
namespace {

Host eight_gpus() {
  const std::string file = source_path("examples/hosts/8gpu-2socket.host");
  return probe(*open_host(file), {.parts = Parts::everything(), .named = {}});
}

/// As `gpupass xml` does.
MadeDefinition made(const Host& host, const Request& asked, const Base& base = {}) {
  parses = 0;
  MadeDefinition definition = make_definition(host, asked, complete_request(asked, base), base);
  expect_sound(definition);
  return definition;
}

Request request_for(unsigned gpus, unsigned vcpus) {
  Request request;
  request.name = "g";
  request.gpu_count = gpus;
  request.vcpus = vcpus;
  request.memory_bytes = std::uint64_t{64} << 30;
  return request;
}

TEST(Parses, OneForADefinitionWithEightGpus) {
  const Host host = eight_gpus();
  made(host, request_for(8, 32));
  EXPECT_EQ(parses, 1u);
}

TEST(Parses, OneMoreForWhatTheRequestAndTheGpusAreInABase) {
  const Host host = eight_gpus();
  const Base base{made(host, request_for(8, 32)).xml};
  made(host, request_for(8, 96), base);
  EXPECT_EQ(parses, 2u) << "for the request, and for the definition";
  Request grown = request_for(8, 96);
  grown.gpu_count = std::nullopt;
  EXPECT_EQ(made(host, grown, base).placement.gpus.size(), 8u);
  EXPECT_EQ(parses, 3u) << "for the GPUs of the base as well";
  made(host, request_for(1, 4), {base.xml, Base::Use::Copy});
  EXPECT_EQ(parses, 2u);
}

}  // namespace
}  // namespace gpupass::parses_test
