// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gpupass/error.hpp"
#include "system/worker/worker.hpp"
#include "worker_double.hpp"

namespace gpupass::protocol_test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

constexpr auto kDeadline = 500ms;
constexpr auto kLatest = 5s;  // Far more than a loaded machine needs, far less than the doubles sleep.
const json kQuestion = {{"op", "domains"}, {"uri", "test:///default"}};

/// Asks a worker that misbehaves: the error must come in time, and nothing of the worker may be left.
Error refusal(const std::string& script) {
  const WorkerDouble worker_double(script);
  const auto descriptors = open_descriptors();
  const auto start = std::chrono::steady_clock::now();
  const Error error = [&] {
    Worker worker(worker_double.program(), kDeadline);
    try {
      return Error(ErrorCode::System, "", "answered " + worker.call(kQuestion, kDeadline).dump());
    } catch (const Error& thrown) {
      return thrown;
    }
  }();
  EXPECT_LT(std::chrono::steady_clock::now() - start, kLatest);
  EXPECT_FALSE(has_children());
  EXPECT_EQ(open_descriptors(), descriptors);
  return error;
}

TEST(WorkerProtocol, ReturnsTheResultOfAnAnswer) {
  const WorkerDouble worker_double(kGreeting + R"(read line; echo '{"id":1,"result":[7]}')");
  EXPECT_EQ(Worker(worker_double.program(), 5s).call(kQuestion, 5s), json::parse("[7]"));
}

TEST(WorkerProtocol, ThrowsWhatTheWorkerReports) {
  const Error error = refusal(kGreeting + R"(read line; echo '{"id":1,"error":{"code":"not-found",)"
                                          R"("subject":"a","message":"cannot find a","hint":"b"}}')");
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_EQ(error.subject(), "a");
  EXPECT_STREQ(error.what(), "cannot find a");
  EXPECT_EQ(error.hint(), "b");
}

TEST(WorkerProtocol, TimesOutWhenNoAnswerComes) {
  const Error error = refusal(kGreeting + "exec sleep 60");
  EXPECT_EQ(error.code(), ErrorCode::Timeout);
  EXPECT_STREQ(error.what(), "cannot finish \"domains\" of test:///default: saw no answer within 500 ms");
}

TEST(WorkerProtocol, TimesOutOnAStoppedWorker) {
  EXPECT_EQ(refusal(kGreeting + "kill -STOP $$").code(), ErrorCode::Timeout);
}

TEST(WorkerProtocol, TimesOutWhenTheAnswerNeverEnds) {
  EXPECT_EQ(refusal(kGreeting + "while :; do printf x; sleep 0.01; done").code(), ErrorCode::Timeout);
}

TEST(WorkerProtocol, KillsWhatTheWorkerStarted) {
  const TempTree tree;
  const std::string pid_file = tree.path("/pid");
  refusal(kGreeting + "sleep 60 & echo $! > " + pid_file + "; wait");
  pid_t started = 0;
  std::ifstream(pid_file) >> started;
  ASSERT_GT(started, 0);
  const auto state = [started] {
    std::string line;
    std::getline(std::ifstream("/proc/" + std::to_string(started) + "/stat"), line);
    return line;
  };
  const auto is_dead = [&] { return state().empty() || state().find(") Z ") != std::string::npos; };
  for (int i = 0; i < 200 && !is_dead(); ++i)
    usleep(10'000);  // Nobody waits for it, so it may take its time.
  EXPECT_TRUE(is_dead()) << state();
}

TEST(WorkerProtocol, RefusesWhatIsNoAnswer) {
  for (const char* answer :
       {"garbage", "[]", "{}", R"({"id":1})", R"({"id":1,"result":1,"error":2})", R"({"id":1,)",
        R"({"id":1,"error":7})", R"({"id":1,"error":{"code":1}})", "\\0377\\0376"}) {
    const Error error = refusal(kGreeting + "read line; printf '%b\\n' '" + answer + "'; exec sleep 60");
    EXPECT_EQ(error.code(), ErrorCode::Malformed) << answer << ": " << error.what();
  }
}

TEST(WorkerProtocol, RefusesTheAnswerToAnotherRequest) {
  for (const char* id : {"2", "0", "-1", "1.5", "null", R"("1")"}) {
    const Error error =
        refusal(kGreeting + "read line; echo '{\"id\":" + id + ",\"result\":0}'; exec sleep 60");
    EXPECT_EQ(error.code(), ErrorCode::Malformed) << id;
    EXPECT_THAT(error.what(), HasSubstr("expected the answer to request 1"));
  }
}

TEST(WorkerProtocol, RefusesALineOfMoreThan64MiB) {
  const WorkerDouble worker_double(kGreeting +
                                   "read line; head -c 70000000 /dev/zero | tr '\\0' x; exec sleep 60");
  try {
    Worker(worker_double.program(), 60s).call(kQuestion, 60s);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed) << error.what();
  }
}

TEST(WorkerProtocol, SaysSoWhenTheWorkerEnds) {
  for (const char* script :
       {"exit 0", "read line; exit 1", "read line; printf '{\"id\":1,'; kill -KILL $$"}) {
    const Error error = refusal(kGreeting + script);
    EXPECT_EQ(error.code(), ErrorCode::Unavailable) << script;
    EXPECT_THAT(error.what(), HasSubstr("saw gpupass-worker end")) << script;
  }
}

TEST(WorkerProtocol, DoesNotWaitForAWorkerThatClosesItsOutputAndStays) {
  EXPECT_EQ(refusal(kGreeting + "exec <&- >&-; exec sleep 60").code(), ErrorCode::Unavailable);
}

TEST(WorkerProtocol, IsUnavailableWithoutTheGreetingOfItsProtocol) {
  for (const char* script :
       {"exit 127", "exec sleep 60", "echo hello", "echo '{}'", "echo '{\"gpupass-worker\":\"9\"}'",
        "echo '{\"gpupass-worker\":\"9\",\"protocol\":1}'", "printf '\\377\\n'"}) {
    const Error error = refusal(script);
    EXPECT_EQ(error.code(), ErrorCode::Unavailable) << script;
    EXPECT_THAT(error.what(), HasSubstr("cannot start ")) << script;
  }
}

TEST(WorkerProtocol, IsUnavailableWhereThereIsNoProgram) {
  try {
    Worker("/nonexistent/gpupass-worker", kDeadline).call(kQuestion, kDeadline);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Unavailable);
    EXPECT_STREQ(error.what(), "cannot start /nonexistent/gpupass-worker: No such file or directory");
  }
  EXPECT_FALSE(has_children());
}

TEST(WorkerProtocol, StartsAnotherWorkerAfterALostOne) {
  const TempTree tree;
  const std::string mark = tree.path("/mark");
  const WorkerDouble worker_double(kGreeting + "test -e " + mark + " || { touch " + mark +
                                   "; exec sleep 60; }; " + R"(read line; echo '{"id":2,"result":true}')");
  Worker worker(worker_double.program(), kDeadline);
  EXPECT_THROW(worker.call(kQuestion, kDeadline), Error);
  EXPECT_EQ(worker.call(kQuestion, 5s), true);
}

TEST(WorkerProtocol, StartsAnotherWorkerWhenOneEndedBetweenRequests) {
  const TempTree tree;
  const std::string mark = tree.path("/mark");
  const WorkerDouble worker_double(kGreeting + "id=1; test -e " + mark + " && id=2; touch " + mark +
                                   "; read line; echo \"{\\\"id\\\":$id,\\\"result\\\":$id}\"");
  Worker worker(worker_double.program(), 5s);
  EXPECT_EQ(worker.call(kQuestion, 5s), 1);
  usleep(200'000);
  EXPECT_EQ(worker.call(kQuestion, 5s), 2);
}

TEST(WorkerProtocol, InheritsNoDescriptorAndNoSignalMask) {
  const int leaked = fcntl(STDERR_FILENO, F_DUPFD, 200);  // Without close-on-exec.
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const WorkerDouble worker_double(
      kGreeting + "read line; fd=false; test -e /proc/$$/fd/" + std::to_string(leaked) +
      " && fd=true; mask=$(grep SigBlk /proc/$$/status | tr -dc 0-9a-f | tail -c 16);" +
      R"(echo "{\"id\":1,\"result\":[$fd,\"$mask\"]}")");
  const json seen = Worker(worker_double.program(), 5s).call(kQuestion, 5s);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  close(leaked);
  EXPECT_EQ(seen, json::parse(R"([false,"0000000000000000"])"));
}

TEST(WorkerProtocol, WorksWhereTheCallerIgnoresItsChildren) {
  const auto before = signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(refusal(kGreeting + "exec sleep 60").code(), ErrorCode::Timeout);
  signal(SIGCHLD, before);
}

TEST(WorkerProtocol, WorksWhereTheCallerHasNoStandardStreams) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int stream : {0, 1, 2}) close(stream);
    const WorkerDouble worker_double(kGreeting + R"(read line; echo '{"id":1,"result":[7]}')");
    try {
      _exit(Worker(worker_double.program(), 5s).call(kQuestion, 5s) == json::parse("[7]") ? 0 : 1);
    } catch (const Error&) {
      _exit(2);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(WorkerProtocol, RefusesToSendWhatIsNotUtf8) {
  const WorkerDouble worker_double(kGreeting + "exec sleep 60");
  try {
    Worker(worker_double.program(), kDeadline).call({{"op", "domain"}, {"name", "\xff"}}, kDeadline);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Usage);
  }
}

// --- what the verbs make of it ---

TEST(WorkerVerbs, AWriteThatDoesNotReturnIsWedged) {
  for (const char* script : {"exec sleep 60", "read line; exit 0", "read line; echo garbage"}) {
    const WorkerDouble worker_double(kGreeting + script);
    try {
      Worker(worker_double.program(), kDeadline).write({"/sys/x/unbind", "0000:01:00.0"}, "", kDeadline);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Wedged) << script;
      EXPECT_EQ(error.subject(), "/sys/x/unbind");
    }
  }
}

TEST(WorkerVerbs, AWriteThatWasNeverMadeIsNotWedged) {
  for (const char* script : {"exec sleep 60", "exit 1"}) {
    const WorkerDouble worker_double(script);
    try {
      Worker(worker_double.program(), kDeadline).write({"/sys/x/unbind", "0000:01:00.0"}, "", kDeadline);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Unavailable) << script;
    }
  }
}

TEST(WorkerVerbs, ReadingIsUnknownWhenNoAnswerComes) {
  const WorkerDouble worker_double(kGreeting + "exec sleep 60");
  Worker worker(worker_double.program(), kDeadline);
  EXPECT_EQ(worker.read("/sys/x").why(), "/sys/x: reading it does not return");
  EXPECT_TRUE(worker.ask(PersistenceQuestion{}).unknown());
  EXPECT_TRUE(worker.domains({"qemu:///system"}).unknown());
}

TEST(WorkerVerbs, ReadingIsUnknownWhenTheAnswerHasAnotherForm) {
  for (const char* result :
       {"7", "{}", "[7]", R"([{"name":"a"}])", R"({"cpus":"0-"})", R"({"cpus":"","packages":[]})",
        R"({"cpus":"0","packages":[{"id":-1.5,"cpus":"0"}],"last_level_caches":[],"cores":[]})"}) {
    const WorkerDouble worker_double(kGreeting + "read line; echo '{\"id\":1,\"result\":" + result + "}'");
    EXPECT_TRUE(Worker(worker_double.program(), 5s).ask(PersistenceQuestion{}).unknown()) << result;
    EXPECT_TRUE(Worker(worker_double.program(), 5s).domains({"x"}).unknown()) << result;
    EXPECT_TRUE(Worker(worker_double.program(), 5s).read("/x").unknown()) << result;
  }
}

TEST(WorkerVerbs, DomainsComeSortedByName) {
  const auto domain = [](const std::string& name) {
    return "{\"name\":\"" + name +
           R"(","active":true,"persistent":false,"autostart":false,"live_xml":"<l/>","persistent_xml":"","paused":true})";
  };
  const WorkerDouble worker_double(kGreeting + "read line; echo '{\"id\":1,\"result\":[" + domain("b") + "," +
                                   domain("a") + "]}'");
  const auto domains = Worker(worker_double.program(), 5s).domains({"x"});
  ASSERT_TRUE(domains.known()) << domains.why();
  ASSERT_EQ(domains->size(), 2u);
  EXPECT_EQ(domains->front(), (DomainXml{"a", true, false, false, "<l/>", "", true}));
}

}  // namespace
}  // namespace gpupass::protocol_test
