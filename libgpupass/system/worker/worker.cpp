// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/worker/worker.hpp"

#include <fmt/format.h>

#include "codec/document.hpp"
#include "system/files/errno_text.hpp"
#include "system/worker/process.hpp"

namespace gpupass {

namespace {

using nlohmann::json;

/// The subject of a request, for messages.
std::string subject_of(const json& request) {
  for (const char* key : {"name", "path", "root", "uri", "unit", "device"})
    if (const auto field = request.find(key); field != request.end() && field->is_string())
      return field->get<std::string>();
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
  std::optional<json> answer = json_in(line, JsonPlace("the answer of gpupass-worker"));
  if (!answer || !answer->is_object() || answer->value("id", json()) != id ||
      answer->contains("result") == answer->contains("error"))
    throw Error(ErrorCode::Malformed, "",
                fmt::format("saw {:.80}, expected the answer to request {}", line, id));
  return *std::move(answer);
}

Error error_from(const json& answer) {
  Failure failure;
  read_value(answer, JsonPlace("the error of gpupass-worker"), failure);
  return Error(failure.code, failure.subject, failure.message, failure.hint);
}

}  // namespace

Worker::Worker(std::string program, std::chrono::milliseconds deadline)
    : program_(std::move(program)), deadline_(deadline) {}
Worker::~Worker() = default;

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
    process_.reset();  // A late answer would belong to no question.
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
  if (!process_) process_ = std::make_unique<WorkerProcess>(program_, until);
}

Fact<std::string> Worker::read(const std::string& path, const std::string& with) {
  try {
    return answer_to(ReadFile{path, with}, deadline_);
  } catch (const Error& error) {
    return unknown_path(path,
                        error.code() == ErrorCode::Timeout ? "reading it does not return" : error.what());
  }
}

Fact<std::string> Worker::write(const WriteFile& request, const std::string& lock,
                                std::chrono::milliseconds deadline) {
  start(std::chrono::steady_clock::now() + deadline_);
  try {
    return reply_in<std::string>(call(request_of(request, lock), deadline));
  } catch (const Error& error) {
    if (process_) throw;  // The worker lives, so the kernel returned.
    // The answer is late, or the worker is gone: a driver that faults in the kernel ends the writing process
    // and keeps its locks.
    throw Error(
        ErrorCode::Wedged, request.path,
        fmt::format("cannot write {}: the kernel did not return from the write", request.path),
        "end what has the device open, then run gpupass recover; if that does not help, reboot the host");
  }
}

Fact<std::string> Worker::ask_agent(const std::string& uri, const AgentQuestion& question) {
  try {
    auto reply = answer_to(AskAgent{uri, question.domain, question.command, question.seconds},
                           deadline_ + std::chrono::seconds(question.seconds));
    if (reply && reply->size() > kLargestAgentReply)
      return Unknown{
          fmt::format("saw a reply of {} bytes, expected at most {}", reply->size(), kLargestAgentReply)};
    return reply;
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

Fact<std::vector<DomainXml>> Worker::domains(const ListDomains& question) {
  auto domains = ask(question);
  if (domains) std::ranges::sort(*domains, {}, &DomainXml::name);
  return domains;
}

}  // namespace gpupass
