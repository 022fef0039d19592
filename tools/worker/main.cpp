// SPDX-License-Identifier: GPL-2.0-or-later
//
// gpupass-worker: does for libgpupass what may block for ever or needs a library that its caller must not
// load. One JSON object per line comes in, one goes out; the end of the input is the end of the program.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>

#include "codec/document.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "connection.hpp"
#include "gpupass/error.hpp"
#include "gpupass/version.hpp"
#include "ongoing_change.hpp"
#include "operations.hpp"

namespace gpupass {
namespace {

using nlohmann::json;

/// One line of JSON that came in.
struct Message {
  std::string name;
  std::string lock;
  json fields;  ///< Those of the request itself.
};

std::string take_text(json& object, const char* key) {
  const auto field = object.find(key);
  if (field == object.end() || !field->is_string())
    throw Error(ErrorCode::Malformed, key,
                fmt::format("cannot read the request: expected text at \"{}\"", key));
  std::string text = field->get<std::string>();
  object.erase(field);
  return text;
}

/// Answers the messages of one caller.
class Answering {
 public:
  /// `caller`: a descriptor whose other end the caller holds.
  explicit Answering(int caller) : caller_(caller) {}

  /// The answer to a line, as a line.
  std::string answer_to(const std::string& line);

 private:
  json result_of(const Message& message);
  template <typename... Requests>
  std::optional<json> result_of(const Message& message, const std::variant<Requests...>*) {
    std::optional<json> result;
    const auto try_one = [&]<typename Request>(std::type_identity<Request>) {
      if (message.name == kRequestName<Request>) result = handle<Request>(message);
    };
    (try_one(std::type_identity<Requests>()), ...);
    return result;
  }
  template <typename Request>
  json handle(const Message& message);
  template <typename Request>
  auto serve(const Request& request);

  int caller_;
  Connections connections_;
};

template <typename Request>
inline constexpr bool kIsOrder = std::is_constructible_v<WorkerOrders, std::in_place_type_t<Request>>;

/// Calls the function of operations.hpp that is there for this request.
template <typename Request>
auto Answering::serve(const Request& request) {
  if constexpr (requires { answer(request); })
    return answer(request);
  else if constexpr (requires { answer(connections_, request); })
    return answer(connections_, request);
  else if constexpr (requires { carry_out(request); })
    return carry_out(request);
  else
    return carry_out(connections_, request);
}

template <typename Request>
json Answering::handle(const Message& message) {
  Request request;
  read_value(message.fields, JsonPlace("the request"), request);
  std::optional<OngoingChange> goes_on;
  if constexpr (kIsOrder<Request>) goes_on.emplace(message.lock, caller_);
  if constexpr (std::is_void_v<decltype(serve(request))>) {
    serve(request);
    return nullptr;
  } else {
    JsonWriter writer;
    writer("result", serve(request));
    return writer.take()["result"];
  }
}

json Answering::result_of(const Message& message) {
  auto result = result_of(message, static_cast<const WorkerQuestions*>(nullptr));
  if (!result) result = result_of(message, static_cast<const WorkerOrders*>(nullptr));
  if (!result)
    throw Error(ErrorCode::Malformed, message.name,
                fmt::format("cannot read the request: there is no operation \"{}\"", message.name));
  return *result;
}

json error_answer(const json& id, const Error& error) {
  const Failure failure{error.code(), error.subject(), error.what(), error.hint()};
  return {{"id", id}, {"error", json_of_value(failure)}};
}

std::string Answering::answer_to(const std::string& line) {
  json id;
  const auto answer = [&]() -> json {
    try {
      Message message{"", "", json_in(line, JsonPlace("the request")).value_or(json())};
      if (!message.fields.is_object())
        throw Error(ErrorCode::Malformed, "", "cannot read the request: expected a JSON object");
      id = message.fields.value("id", json());
      message.fields.erase("id");
      message.name = take_text(message.fields, "op");
      message.lock = take_text(message.fields, "lock");
      return {{"id", id}, {"result", result_of(message)}};
    } catch (const Error& error) {
      return error_answer(id, error);
    } catch (const std::exception& error) {
      return error_answer(id, Error(ErrorCode::System, "", error.what()));
    }
  };
  return answer().dump(-1, ' ', false, json::error_handler_t::replace);
}

void print(FILE* out, std::string line) {
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), out) != line.size() || std::fflush(out) != 0) _exit(1);
}

/// Keeps a standard stream for the protocol alone; libraries and child processes get /dev/null in its place.
FILE* take_over(int descriptor, const char* mode) {
  FILE* stream = fdopen(fcntl(descriptor, F_DUPFD_CLOEXEC, 3), mode);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (!stream || null < 0 || dup2(null, descriptor) < 0) _exit(1);
  close(null);
  return stream;
}

/// Ends this process when its caller has gone, also while it waits for an answer for ever.
void end_with_caller(int output) {
  std::thread([output] {
    pollfd closed{output, 0, 0};
    while (poll(&closed, 1, -1) < 0) {
    }
    OngoingChange::end_process();
  }).detach();
}

void work() {
  FILE* in = take_over(STDIN_FILENO, "r");
  FILE* out = take_over(STDOUT_FILENO, "w");
  end_with_caller(fileno(out));
  Answering answering(fileno(out));

  print(out, json{{"gpupass-worker", GPUPASS_VERSION}, {"protocol", kWorkerProtocol}}.dump());
  char* line = nullptr;
  std::size_t capacity = 0;
  for (ssize_t length; (length = getline(&line, &capacity, in)) >= 0;)
    print(out, answering.answer_to(std::string(line, static_cast<std::size_t>(length))));
  // libvirt's event loop still runs in its thread: nothing may be torn down below it.
  _exit(0);
}

}  // namespace
}  // namespace gpupass

int main() {
  gpupass::work();
}
