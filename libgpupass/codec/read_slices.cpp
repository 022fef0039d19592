// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "codec/state_reader.hpp"
#include "values/declared_slices.hpp"
#include "values/mediated.hpp"

namespace gpupass {

unsigned StateReader::number_from(const toml::node& node, unsigned least, unsigned most,
                                  const char* expected) const {
  const auto* number = node.as_integer();
  if (!number || number->get() < least || number->get() > most)
    refuse(node.source(), number ? fmt::to_string(number->get()) : "something else",
           fmt::format("{}, {} to {}", expected, least, most));
  return static_cast<unsigned>(number->get());
}

std::vector<DeviceId> StateReader::slices_from(const toml::node& node) const {
  constexpr auto kExpected = "the UUID of a mediated device, or the address of a virtual function";
  std::vector<DeviceId> slices;
  const toml::array* array = node.as_array();
  if (!array || array->empty()) refuse(node.source(), "no slices", "a number of them, or their names");
  for (const toml::node& one : *array) {
    const auto* text = one.as_string();
    const auto slice = text ? DeviceId::parse(text->get()) : std::nullopt;
    if (!slice) refuse(one.source(), text ? excerpt(text->get()) : "something else", kExpected);
    if (std::ranges::find(slices, *slice) != slices.end())
      refuse(one.source(), excerpt(text->get()) + " twice", "it once");
    if (!slices.empty() && slices.front().is_mediated() != slice->is_mediated())
      refuse(one.source(), excerpt(text->get()), "UUIDs or addresses, as the first one is");
    slices.push_back(*slice);
  }
  std::ranges::sort(slices);
  return slices;
}

/// A number, the slices themselves, or a table with one of these and the id that goes with a name.
DeclaredType StateReader::type_from(const toml::key& key, const toml::node& node) const {
  constexpr unsigned kMost = 1024;
  constexpr auto kNumber = "a number of slices";
  DeclaredType type;
  type.type = key.str();
  type.where = at(key.source());
  if (!is_type_name(type.type))
    refuse(key.source(), excerpt(type.type), "a type, as \"L40S-4Q\" or \"1145\"");
  const toml::table* table = node.as_table();
  if (table) {
    expect_keys(*table, " of a type", {"count", "id", "slices"});
    type.id = text_at(*table, "id").value_or("");
    if (table->contains("id") && !is_mediated_type(type.id))
      refuse(table->get("id")->source(), excerpt(type.id), "an id, as \"1145\" or \"nvidia-222\"");
    if (table->contains("count") == table->contains("slices"))
      refuse(key.source(), "a type with neither or both of count and slices", "one of them");
  }
  const toml::node& what = !table ? node : *table->get(table->contains("count") ? "count" : "slices");
  if (what.is_array())
    type.slices = slices_from(what);
  else
    type.count = number_from(what, 1, kMost, kNumber);
  if (!type.slices.empty()) type.count = static_cast<unsigned>(type.slices.size());
  return type;
}

std::vector<DeclaredType> StateReader::types_from(const toml::table& table) const {
  std::vector<DeclaredType> types;
  std::set<DeviceId> seen;
  for (const auto& [key, value] : table) {
    types.push_back(type_from(key, value));
    for (const DeviceId slice : types.back().slices)
      if (!seen.insert(slice).second)
        refuse(value.source(), excerpt(slice.to_string()) + " in two types", "it in one");
  }
  std::ranges::sort(types, {}, &DeclaredType::type);
  return types;
}

/// false, or how many instances there are to be of each profile.
DeclaredMig StateReader::mig_from(const toml::node& node) const {
  constexpr unsigned kMost = 64;
  DeclaredMig mig;
  mig.where = at(node.source());
  if (const auto* answer = node.as_boolean(); answer && !answer->get()) return mig;
  const toml::table* table = node.as_table();
  if (!table) refuse(node.source(), "something else for mig", "false, or profiles, as { \"1g.10gb\" = 7 }");
  mig.enabled = true;
  for (const auto& [key, value] : *table) {
    if (!is_type_name(key.str())) refuse(key.source(), excerpt(key.str()), "a profile, as \"1g.10gb\"");
    mig.profiles.emplace(key.str(), number_from(value, 1, kMost, "a number of instances"));
  }
  return mig;
}

DeclaredSlices StateReader::slices_of_gpu(const toml::table& table, const toml::source_region& source) const {
  constexpr unsigned kMostVfs = 65535;  // SR-IOV counts them with 16 bits.
  expect_keys(table, " of slices", {"boot", "mig", "types", "use", "vfs"});
  DeclaredSlices slices;
  slices.where = at(source);
  if (const toml::node* mig = table.get("mig")) slices.mig = mig_from(*mig);
  if (const toml::node* vfs = table.get("vfs"))
    slices.vfs = number_from(*vfs, 0, kMostVfs, "a number of virtual functions");
  slices.use = choice_at<GpuUse>(table, "use");
  slices.boot = answer_at(table, "boot");
  if (const toml::table* types = table_at(table, "types")) slices.types = types_from(*types);
  if (slices.use == GpuUse::Whole && slices.types && !slices.types->empty())
    refuse(table.get("use")->source(), "use = \"whole\" beside types",
           "one of them: slices of a type stay with the driver that makes them");
  return slices;
}

}  // namespace gpupass
