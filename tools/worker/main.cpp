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
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "change.hpp"
#include "connection.hpp"
#include "gpupass/error.hpp"
#include "gpupass/version.hpp"
#include "operations.hpp"
#include "request.hpp"

namespace {

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;
using Operation = std::function<json(const Request&)>;

std::map<std::string, Operation> operations(Connections& connections, int caller) {
  const auto libvirt = [&connections](json (*operation)(Connections&, const Request&)) -> Operation {
    return [&connections, operation](const Request& request) { return operation(connections, request); };
  };
  const auto change = [caller](const Operation& operation) -> Operation {
    return [caller, operation](const Request& request) {
      const Change goes_on(request.text("lock"), caller);
      return operation(request);
    };
  };
  return {
      {"cpu-topology", cpu_topology},
      {"read", read_attribute},
      {"write", change(write_attribute)},
      {"load-module", load_module},
      {"list-boot-image", list_boot_image},
      {"build-boot-image", change(build_boot_image)},
      {"exchange-boot-images", change(exchange_boot_images)},
      {"service-running", service_running},
      {"set-service", change(set_service)},
      {"persistence-modes", persistence_modes},
      {"set-persistence-mode", change(set_persistence_mode)},
      {"domains", libvirt(list_domains)},
      {"domain", libvirt(describe_domain)},
      {"wait-for-change", libvirt(wait_for_change)},
      {"define", change(libvirt(define_domain))},
      {"undefine", change(libvirt(undefine_domain))},
      {"set-metadata", change(libvirt(set_metadata))},
      {"start", change(libvirt(start_domain))},
      {"destroy", change(libvirt(destroy_domain))},
      {"attach", change(libvirt(attach_device))},
      {"detach", change(libvirt(detach_device))},
  };
}

/// Messages may quote foreign bytes; JSON carries UTF-8 alone, so others are replaced there.
std::string error_answer(const json& id, const Error& error) {
  const json answer = {{"id", id},
                       {"error",
                        {{"code", gpupass::to_string(error.code())},
                         {"subject", error.subject()},
                         {"message", error.what()},
                         {"hint", error.hint()}}}};
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string answer(const std::map<std::string, Operation>& operations, const std::string& line) {
  json id;
  try {
    const Request request(line);
    id = request.id();
    const std::string name = request.operation();
    const auto operation = operations.find(name);
    if (operation == operations.end())
      throw Error(ErrorCode::Malformed, name,
                  fmt::format("cannot read the request: there is no operation \"{}\"", name));
    return json{{"id", id}, {"result", operation->second(request)}}.dump();
  } catch (const Error& error) {
    return error_answer(id, error);
  } catch (const json::exception& error) {
    return error_answer(
        id, Error(ErrorCode::Malformed, "", fmt::format("cannot answer in JSON: {}", error.what())));
  } catch (const std::exception& error) {
    return error_answer(id, Error(ErrorCode::System, "", error.what()));
  }
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
    Change::end_process();
  }).detach();
}

}  // namespace

int main() {
  FILE* in = take_over(STDIN_FILENO, "r");
  FILE* out = take_over(STDOUT_FILENO, "w");
  end_with_caller(fileno(out));
  Connections connections;
  const auto table = operations(connections, fileno(out));

  print(out, json{{"gpupass-worker", GPUPASS_VERSION}, {"protocol", 1}}.dump());
  char* line = nullptr;
  std::size_t capacity = 0;
  for (ssize_t length; (length = getline(&line, &capacity, in)) >= 0;)
    print(out, answer(table, std::string(line, static_cast<std::size_t>(length))));
  // libvirt's event loop still runs in its thread: nothing may be torn down below it.
  _exit(0);
}
