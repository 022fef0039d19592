// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/schema.hpp"

#include "c/options.hpp"
#include "change/json.hpp"
#include "gpupass/gpupass.h"
#include "gpupass/guest.hpp"

using namespace gpupass;

namespace {

using Json = nlohmann::ordered_json;

/// The documents that the library returns.
struct Documents {
  Json properties{{"format", {{"const", 1}}}};
  Json definitions = common_definitions();

  template <typename T>
  void add(const char* name) {
    properties[name] = schema_of<T>(definitions);
  }
};

std::string schema_text() {
  Documents all;
  all.add<Host>("host");
  all.add<Selection>("selection");
  all.add<std::vector<Assessment>>("assessments");
  all.add<std::vector<Finding>>("findings");
  all.add<Placement>("placement");
  all.add<Packing>("packing");
  all.add<MadeDefinition>("definition");
  all.add<Plan>("plan");
  all.add<Report>("report");
  all.add<Event>("event");
  all.add<std::vector<Operation>>("operations");
  return Json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "The documents of libgpupass: \"format\", and one of the others"},
              {"type", "object"},
              {"required", {"format"}},
              {"minProperties", 2},
              {"maxProperties", 2},
              {"properties", all.properties},
              {"$defs", all.definitions}}
             .dump(2) +
         "\n";
}

}  // namespace

const char* gpupass_schema(void) {
  static const std::string text = schema_text();
  return text.c_str();
}
