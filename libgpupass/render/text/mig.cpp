// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "render/text/mig_commands.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

void add_instances(Table& table, const Host& host, const MigFit& fit) {
  const auto add = [&](const std::vector<MigInstance>& instances, const char* what) {
    for (const MigInstance& instance : instances)
      table.add({short_address(host, fit.gpu), fit.card, printable(instance.profile),
                 fmt::to_string(instance.profile_id), fmt::format("{}:{}", instance.start, instance.size),
                 what});
  };
  add(fit.removed, "goes");
  add(fit.kept, "stays");
  add(fit.created, "new");
  if (fit.kept.empty() && fit.created.empty())
    table.add({short_address(host, fit.gpu), fit.card, fit.enabled ? "none" : "no MIG", "-", "-", "-"});
}

/// "1 more 1g.35gb, 2 to 3 more 1g.18gb".
std::string room_words(const MigFit& fit) {
  std::vector<std::string> parts;
  for (const MigRoom& room : fit.room) {
    const auto& [least, most] = room.more;
    if (most == 0) continue;
    const std::string number = least == most ? fmt::to_string(most) : fmt::format("{} to {}", least, most);
    parts.push_back(fmt::format("{} more {}", number, room.profile));
  }
  return parts.empty() ? "room for no other instance" : "room for " + joined(parts);
}

std::string mig_remarks(const Host& host, const MigFit& fit, const View& view) {
  std::string text;
  const auto add = [&](const std::string& remark) {
    text += wrapped(fmt::format("{}: {}", short_address(host, fit.gpu), remark), view, 4) + '\n';
  };
  if (fit.enabled) add(room_words(fit));
  if (!fit.removed.empty())
    add(fmt::format(
        "first destroy the instances that go, with -dci -gi ID and then -dgi -gi ID: nvidia-smi mig "
        "-i {} -lgi tells their IDs",
        fit.gpu.to_string()));
  // A command stays on one line, so that it can be pasted.
  if (const std::string command = mig_command(fit); !command.empty())
    text += fmt::format("{}: {}\n", short_address(host, fit.gpu), command);
  return text;
}

}  // namespace

std::string mig_command(const MigFit& fit) {
  if (!fit.enabled) return fmt::format("nvidia-smi -i {} -mig 0", fit.gpu.to_string());
  std::string places;
  for (const MigInstance& instance : fit.created)
    places += fmt::format("{}{}:{}", places.empty() ? "" : ",", instance.profile_id, instance.start);
  return places.empty() ? "" : fmt::format("nvidia-smi mig -i {} -cgi {} -C", fit.gpu.to_string(), places);
}

std::string render_mig_fits(const Host& host, const std::vector<MigFit>& fits, const View& view) {
  if (fits.empty()) return "no GPU: none is asked for whose MIG profiles are known\n";
  Table table;
  table.add({"GPU", "CARD", "PROFILE", "ID", "PLACE", "INSTANCE"});
  for (const MigFit& fit : fits) add_instances(table, host, fit);
  std::string text = table.to_string(view) + '\n';
  for (const MigFit& fit : fits) text += mig_remarks(host, fit, view);
  return text;
}

}  // namespace gpupass
