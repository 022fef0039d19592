// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/document.hpp"
#include "gpupass/json.hpp"

namespace gpupass {

std::string to_json(const Placement& placement) {
  return json_document("placement", placement);
}
Placement placement_from_json(std::string_view text) {
  return from_json_document<Placement>("placement", text);
}

}  // namespace gpupass
