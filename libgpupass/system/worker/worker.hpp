// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "codec/protocol.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "gpupass/error.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

class WorkerProcess;

/// The small program that does what may block forever or needs a library that this process must not load. It
/// is started by the first call, spoken to with JSON lines over a socket, and killed when an answer misses
/// its deadline; the next call starts another. Its standard error output is kept when $GPUPASS_WORKER_STDERR
/// is set.
class Worker {
 public:
  /// `program`: as SystemOptions::worker. `deadline`: for an answer that says nothing else.
  Worker(std::string program, std::chrono::milliseconds deadline);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The answer to a question. @throws Error Timeout when none came, Unavailable when there is no worker,
  /// Malformed when the answer has another form, else the error that the worker reports.
  template <typename Question>
  Fact<typename Question::Reply> answer_to(const Question& question, std::chrono::milliseconds deadline) {
    return reply_in<typename Question::Reply>(call(request_of(question), deadline));
  }
  /// The answer to a question; unknown in place of any error.
  template <typename Question>
  Fact<typename Question::Reply> ask(const Question& question) {
    try {
      return answer_to(question, longest<Question>(deadline_));
    } catch (const Error& error) {
      return Unknown{error.what()};
    }
  }
  /// Carries an order out. `lock` is a file that the worker locks while anything of it goes on, also when
  /// nobody waits for it any more; "" is none. @throws Error as answer_to().
  template <typename Request>
  void carry_out(const Request& order, const std::string& lock, std::chrono::milliseconds deadline) {
    call(request_of(order, lock), longest<Request>(deadline));
  }

  /// As Files::read_guarded(). `with`: only of the lines that have this text.
  Fact<std::string> read(const std::string& path, const std::string& with = {});
  /// As Files::write_guarded(), and set_guarded() where the request says to read back.
  Fact<std::string> write(const WriteFile& request, const std::string& lock,
                          std::chrono::milliseconds deadline);
  /// What the agent of a hypervisor's guest answers; unknown in place of any error, and of too long a reply.
  Fact<std::string> ask_agent(const std::string& uri, const AgentQuestion& question);
  /// All domains of a hypervisor, ascending by name.
  Fact<std::vector<DomainXml>> domains(const ListDomains& question);

  /// Sends one request and waits for its answer: the value of its "result". @throws Error as answer_to().
  nlohmann::json call(const nlohmann::json& request, std::chrono::milliseconds deadline);

 private:
  template <typename Request>
  static std::chrono::milliseconds longest(std::chrono::milliseconds deadline) {
    return std::max<std::chrono::milliseconds>(deadline, std::chrono::seconds(kLongestSeconds<Request>));
  }
  template <typename Request>
  static nlohmann::json request_of(const Request& request, const std::string& lock = {}) {
    nlohmann::json line = json_of_value(request);
    line["op"] = kRequestName<Request>;
    line["lock"] = lock;
    return line;
  }
  template <typename Reply>
  static Fact<Reply> reply_in(nlohmann::json result) {
    const nlohmann::json answer = {{"result", std::move(result)}};
    Fact<Reply> reply;
    const JsonPlace place("the answer of gpupass-worker");
    JsonReader reader(answer, place);
    reader("result", reply);
    return reply;
  }
  void start(std::chrono::steady_clock::time_point until);

  std::string program_;
  std::chrono::milliseconds deadline_;
  std::unique_ptr<WorkerProcess> process_;
  std::uint64_t last_id_ = 0;
};

/// The file that the worker locks while it changes a guest, an absolute path; "": none.
using LockOfGuest = std::function<std::string(const std::string& guest)>;

/// The hypervisor behind a worker. Connects when first used.
std::unique_ptr<Hypervisor> open_hypervisor(std::shared_ptr<Worker> worker, const std::string& uri,
                                            std::chrono::milliseconds deadline,
                                            LockOfGuest lock_of_guest = {});

}  // namespace gpupass
