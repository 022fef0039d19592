// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/json/json.hpp"
#include "render/text/mig_commands.hpp"

namespace gpupass {

namespace {

Json instance_entry(const MigInstance& instance, const char* change) {
  return {{"profile", instance.profile},
          {"profile_id", instance.profile_id},
          {"start", instance.start},
          {"size", instance.size},
          {"change", change}};
}

Json fit_entry(const Host& host, const MigFit& fit, const NameLookup& names) {
  Json json = {{"address", json_of(fit.gpu)}};
  add_identity(json, *find_function(host, fit.gpu), names);
  json["card"] = fit.card;
  json["mig"] = fit.enabled;
  json["instances"] = Json::array();
  for (const MigInstance& instance : fit.removed)
    json["instances"].push_back(instance_entry(instance, "goes"));
  for (const MigInstance& instance : fit.kept) json["instances"].push_back(instance_entry(instance, "stays"));
  for (const MigInstance& instance : fit.created)
    json["instances"].push_back(instance_entry(instance, "new"));
  json["room"] = Json::array();
  for (const MigRoom& room : fit.room)
    json["room"].push_back({{"profile", room.profile},
                            {"profile_id", room.profile_id},
                            {"least", room.more.least},
                            {"most", room.more.most}});
  json["command"] = json_or_null(mig_command(fit));
  return json;
}

}  // namespace

std::string render_mig_fits_json(const Host& host, const std::vector<MigFit>& fits, const NameLookup& names,
                                 const std::vector<Finding>& passed_over) {
  Json json = document(host);
  Json entries = Json::array();
  for (const MigFit& fit : fits) entries.push_back(fit_entry(host, fit, names));
  json["fits"] = std::move(entries);
  add_passed_over(json, passed_over);
  return dumped(json);
}

}  // namespace gpupass
