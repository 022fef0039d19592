// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/worker/worker.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"
#include "system/worker/answer.hpp"
#include "system/worker/process.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

/// What a request is about, for messages.
std::string subject_of(const json& request) {
  for (const char* key : {"name", "path", "root", "uri", "unit", "device"})
    if (const auto field = request.find(key); field != request.end()) return field->get<std::string>();
  return "gpupass-worker";
}

/// @throws Error Usage when a text of the request is not UTF-8, which JSON cannot carry.
std::string one_line(const json& request) {
  try {
    return request.dump();
  } catch (const json::exception& error) {
    throw Error(ErrorCode::Usage, "",
                fmt::format("cannot send a request to gpupass-worker: {}", error.what()));
  }
}

std::string duration(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? fmt::format("{} s", time.count() / 1000)
                                  : fmt::format("{} ms", time.count());
}

/// The answer to the request of that id. @throws Error Malformed.
json answer_in(const std::string& line, std::uint64_t id) {
  json answer = json::parse(line, nullptr, false);
  if (!answer.is_object() || answer.value("id", json()) != id ||
      answer.contains("result") == answer.contains("error"))
    throw Error(ErrorCode::Malformed, "",
                fmt::format("saw {:.80}, expected the answer to request {}", line, id));
  return answer;
}

/// What a file holds, as the worker answers. Null: there is none.
Fact<std::string> content_from(const std::string& path, const json& content) {
  if (content.is_null()) return Absent{};
  if (content.is_string()) return content.get<std::string>();
  return unknown_path(path, reason_from(content));
}

}  // namespace

Worker::Worker(std::chrono::milliseconds deadline) : deadline_(deadline) {}
Worker::~Worker() = default;

json Worker::call(const json& request) {
  return call(request, deadline_);
}

json Worker::call(const json& request, std::chrono::milliseconds deadline) {
  json numbered = request;
  numbered["id"] = ++last_id_;
  const std::string line = one_line(numbered);
  const Deadline until = std::chrono::steady_clock::now() + deadline;
  start(until);
  json answer;
  try {
    process_->send(line, until);
    answer = answer_in(process_->receive(until), last_id_);
  } catch (const Error& error) {
    process_.reset();  // What it may still say would answer no question.
    const std::string subject = subject_of(request);
    const std::string within = error.code() == ErrorCode::Timeout ? " within " + duration(deadline) : "";
    throw Error(error.code(), subject,
                fmt::format("cannot finish \"{}\" of {}: {}{}", request.value("op", ""), subject,
                            error.what(), within));
  }
  if (answer.contains("error")) throw error_from(answer["error"]);
  return std::move(answer["result"]);
}

void Worker::start(Deadline until) {
  if (process_ && process_->ended()) process_.reset();
  if (!process_) process_ = std::make_unique<WorkerProcess>(until);
}

Fact<std::string> Worker::read(const std::string& path) {
  try {
    return content_from(path, call({{"op", "read"}, {"path", path}}));
  } catch (const Error& error) {
    return unknown_path(path,
                        error.code() == ErrorCode::Timeout ? "its reading does not return" : error.what());
  }
}

void Worker::write(const std::string& path, std::string_view value, const std::string& lock,
                   std::chrono::milliseconds deadline) {
  write({{"op", "write"}, {"path", path}, {"value", value}, {"lock", lock}}, deadline);
}

Fact<std::string> Worker::set(const std::string& path, std::string_view value, const std::string& lock,
                              std::chrono::milliseconds deadline) {
  return content_from(
      path, write({{"op", "write"}, {"path", path}, {"value", value}, {"lock", lock}, {"read_back", true}},
                  deadline));
}

json Worker::write(const json& request, std::chrono::milliseconds deadline) {
  start(std::chrono::steady_clock::now() + deadline_);
  try {
    return call(request, deadline);
  } catch (const Error& error) {
    if (process_) throw;  // It lives, so the kernel has answered.
    // Late, or gone: a driver that faults in the kernel takes the writing process with it, and keeps its
    // locks.
    const std::string path = subject_of(request);
    throw Error(ErrorCode::Wedged, path,
                fmt::format("cannot write {}: the kernel did not return from it", path),
                "Only a reboot of the host frees the device.");
  }
}

Fact<CpuTopology> Worker::cpu_topology(const std::string& root) {
  try {
    const json cpus = call({{"op", "cpu-topology"}, {"root", root}});
    if (cpus.is_null()) return Absent{};
    return cpu_topology_from(cpus);
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

Fact<std::vector<DomainXml>> Worker::domains(const std::string& uri, Daemon daemon) {
  try {
    const json domains =
        call({{"op", "domains"}, {"uri", uri}, {"may_start_daemon", daemon == Daemon::MayStart}});
    if (domains.is_null()) return Absent{};
    return domains_from(domains);
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

Fact<std::vector<std::string>> Worker::list_boot_image(BootTool tool, const std::string& path,
                                                       std::chrono::milliseconds deadline) {
  try {
    const json names = call({{"op", "list-boot-image"}, {"tool", to_string(tool)}, {"path", path}}, deadline);
    if (names.is_null()) return Absent{};
    return names.get<std::vector<std::string>>();
  } catch (const Error& error) {
    return Unknown{error.what()};
  } catch (const json::exception&) {
    return unknown_path(path, "saw another answer of gpupass-worker than a list of names");
  }
}

void Worker::build_boot_image(BootTool tool, const std::string& kernel, const std::string& path,
                              const std::string& lock, std::chrono::milliseconds deadline) {
  call({{"op", "build-boot-image"},
        {"tool", to_string(tool)},
        {"kernel", kernel},
        {"path", path},
        {"lock", lock}},
       deadline);
}

void Worker::exchange_boot_image(BootTool tool, const BootImage& image, const std::string& lock,
                                 std::chrono::milliseconds deadline) {
  call({{"op", "exchange-boot-images"},
        {"tool", to_string(tool)},
        {"kernel", image.kernel},
        {"path", image.path},
        {"other", beside(image)},
        {"lock", lock}},
       deadline);
}

Fact<bool> Worker::flag(const json& request) {
  try {
    const json answer = call(request);
    if (answer.is_boolean()) return answer.get<bool>();
    return Unknown{fmt::format("saw {:.80}, expected true or false of gpupass-worker", answer.dump())};
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

std::vector<Fact<bool>> Worker::persistence_modes(const std::vector<PciAddress>& devices) {
  json names = json::array();
  for (const PciAddress device : devices) names.push_back(device.to_string());
  try {
    const json answer = call({{"op", "persistence-modes"}, {"devices", std::move(names)}});
    if (!answer.is_array() || answer.size() != devices.size())
      return std::vector<Fact<bool>>(
          devices.size(), Unknown{"saw another answer of gpupass-worker than one for each device"});
    std::vector<Fact<bool>> modes;
    for (const json& mode : answer)
      modes.push_back(mode.is_boolean() ? Fact<bool>(mode.get<bool>())
                                        : Fact<bool>(Unknown{reason_from(mode)}));
    return modes;
  } catch (const Error& error) {
    return std::vector<Fact<bool>>(devices.size(), Unknown{error.what()});
  }
}

void Worker::load_module(const std::string& name, std::chrono::milliseconds deadline) {
  call({{"op", "load-module"}, {"name", name}}, deadline);
}

}  // namespace gpupass
