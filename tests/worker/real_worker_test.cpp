// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The real worker, and real libvirt with its in-process test driver.

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "gpupass/error.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "system/worker/worker.hpp"
#include "worker_double.hpp"

namespace gpupass::real_worker_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

const char kUri[] = "test:///default";
const char kGuest[] = R"(<domain type='test'>
  <name>guest1</name><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type>hvm</type></os>
  <devices><graphics type='vnc' port='5900' passwd='secret'/></devices>
</domain>)";

std::unique_ptr<Hypervisor> hypervisor_of(const std::string& uri, LockOfGuest lock_of_guest = {}) {
  return open_hypervisor(std::make_shared<Worker>("", 120s), uri, 120s, std::move(lock_of_guest));
}

ErrorCode code_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (message) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "it succeeded";
  return ErrorCode::System;
}

TEST(RealWorker, IsReadByItsOwnClient) {
  EXPECT_TRUE(Worker("", 120s).domains({kUri}).known());
}

TEST(RealWorker, RefusesAnUnknownOperation) {
  EXPECT_EQ(code_of([] { Worker("", 120s).call({{"op", "format-disk"}, {"lock", ""}}, 120s); }),
            ErrorCode::Malformed);
  EXPECT_EQ(code_of([] { Worker("", 120s).call({{"op", "read"}, {"lock", ""}}, 120s); }),
            ErrorCode::Malformed);
  EXPECT_EQ(code_of([] { Worker("", 120s).call({{"path", "/"}}, 120s); }), ErrorCode::Malformed);
}

TEST(RealWorker, OpensNothingButDisks) {
  const auto states = Worker("", 120s).ask(DisksQuestion{{"no-such-disk"}});
  ASSERT_TRUE(states.known()) << states.why();
  EXPECT_EQ(*states, (std::vector<DiskState>{{"no-such-disk", Absent{}}}));
  EXPECT_TRUE(Worker("", 120s).ask(DisksQuestion{{"../etc/passwd"}}).unknown());
}

TEST(RealWorker, ListsTheDomainsOfTheTestDriver) {
  const auto domains = Worker("", 120s).domains({kUri});
  ASSERT_TRUE(domains.known()) << domains.why();
  ASSERT_EQ(domains->size(), 1u);
  const DomainXml& domain = domains->front();
  EXPECT_EQ(domain.name, "test");
  EXPECT_TRUE(domain.active && domain.persistent && !domain.autostart);
  EXPECT_THAT(domain.live_xml, StartsWith("<domain type='test' id='1'>"));
  EXPECT_THAT(domain.persistent_xml, StartsWith("<domain type='test'>"));
}

TEST(RealWorker, HasNoDomainsWhereNoDaemonListens) {
  const TempTree tree;
  const auto start = std::chrono::steady_clock::now();
  const auto domains = Worker("", 120s).domains({"qemu+unix:///system?socket=" + tree.path("/none")});
  EXPECT_TRUE(domains.absent()) << domains.why();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST(Worker, ThatCannotWorkIsNotWaitedFor) {
  const auto start = std::chrono::steady_clock::now();
  const auto states = Worker("/bin/true", 120s).ask(DisksQuestion{});
  EXPECT_THAT(states.why(), testing::HasSubstr("saw gpupass-worker end"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 60s);
}

TEST(RealWorker, SaysWhyItCannotConnect) {
  EXPECT_THAT(Worker("", 120s).domains({"test:///nonexistent.xml"}).why(),
              StartsWith("cannot connect to test:///nonexistent.xml: "));
}

TEST(RealHypervisor, TakesAGuestThroughItsLife) {
  const auto hypervisor = hypervisor_of(kUri);
  EXPECT_TRUE(hypervisor->domain("guest1").absent());
  hypervisor->define("guest1", kGuest);
  EXPECT_FALSE(hypervisor->domain("guest1")->active);
  EXPECT_TRUE(hypervisor->domain("guest1")->persistent);
  EXPECT_EQ(hypervisor->domain("guest1")->live_xml, "");
  hypervisor->start("guest1");
  EXPECT_TRUE(hypervisor->domain("guest1")->active);
  EXPECT_THAT(hypervisor->domain("guest1")->live_xml, HasSubstr("id="));
  hypervisor->destroy("guest1");
  EXPECT_FALSE(hypervisor->domain("guest1")->active);
  hypervisor->undefine("guest1");
  EXPECT_TRUE(hypervisor->domain("guest1").absent());
}

TEST(RealHypervisor, ReadsADomainWithItsSecrets) {
  const auto hypervisor = hypervisor_of(kUri);
  hypervisor->define("guest1", kGuest);
  EXPECT_THAT(hypervisor->domain("guest1")->persistent_xml, HasSubstr("passwd='secret'"));
}

TEST(RealHypervisor, SaysWhatLibvirtSays) {
  const auto hypervisor = hypervisor_of(kUri);
  std::string message;
  EXPECT_EQ(code_of([&] { hypervisor->start("nobody"); }, &message), ErrorCode::NotFound);
  EXPECT_EQ(message, "cannot find nobody: Domain not found");
  EXPECT_EQ(code_of([&] { hypervisor->define("a", "<domain"); }), ErrorCode::System);
  EXPECT_EQ(code_of([&] { hypervisor->define("a", "<domain type='test'><gpu/></domain>"); }, &message),
            ErrorCode::System);
  EXPECT_THAT(message, HasSubstr("failed to validate against schema"));
  EXPECT_EQ(code_of([&] { hypervisor->start("test"); }, &message), ErrorCode::System);
  EXPECT_THAT(message, StartsWith("cannot start test: "));
}

TEST(RealHypervisor, WritesMetadataOfItsOwnAlone) {
  const auto hypervisor = hypervisor_of(kUri);
  hypervisor->define("told",
                     "<domain type='test'><name>told</name><metadata><a:b xmlns:a='urn:a'/></metadata>"
                     "<memory>1024</memory><os><type>hvm</type></os></domain>");
  const std::string before = hypervisor->domain("told")->persistent_xml;
  const std::string record = "<vm><gpu address=\"0000:65:00.0\" vendor=\"10de\"/></vm>";
  hypervisor->set_metadata("told", kMetadataNamespace, record);
  const std::string after = hypervisor->domain("told")->persistent_xml;
  EXPECT_EQ(own_metadata_text(after), record);
  EXPECT_THAT(after, HasSubstr("urn:a"));
  hypervisor->set_metadata("told", kMetadataNamespace, "");
  EXPECT_EQ(hypervisor->domain("told")->persistent_xml, before);
  EXPECT_EQ(code_of([&] { hypervisor->set_metadata("nobody", kMetadataNamespace, record); }),
            ErrorCode::NotFound);
}

TEST(RealHypervisor, IsUnavailableWhereNoDaemonListens) {
  const TempTree tree;
  const auto hypervisor = hypervisor_of("qemu+unix:///system?socket=" + tree.path("/none"));
  EXPECT_EQ(code_of([&] { hypervisor->domain("a"); }), ErrorCode::Unavailable);
}

TEST(RealHypervisor, WakesWhenSomethingHappened) {
  const auto hypervisor = hypervisor_of(kUri);
  ASSERT_TRUE(hypervisor->domain("test").known());
  hypervisor->destroy("test");
  const auto start = std::chrono::steady_clock::now();
  hypervisor->wait_for_change("test", 60s);  // Also when it happened before the waiting began.
  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
}

TEST(RealHypervisor, WaitsNoLongerThanAsked) {
  const auto hypervisor = hypervisor_of(kUri);
  ASSERT_TRUE(hypervisor->domain("test").known());
  const auto start = std::chrono::steady_clock::now();
  hypervisor->wait_for_change("test", 300ms);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
}

TEST(RealWorker, ReadsAFileAsSystemDoes) {
  const TempTree tree;
  const std::string path = tree.path("/attribute");
  Worker worker("", 120s);
  EXPECT_TRUE(worker.read(path).absent());
  EXPECT_TRUE(worker.read(path + "/below").absent());
  tree.file("/attribute", "vfio-pci\n");
  EXPECT_EQ(worker.read(path), Fact<std::string>("vfio-pci"));
  EXPECT_TRUE(worker.read(path + "/below").absent());
  EXPECT_EQ(worker.read(tree.root()).why(), tree.root() + ": Is a directory");
  tree.file("/attribute", "\xff\xfe");
  EXPECT_EQ(worker.read(path), Fact<std::string>("\xff\xfe"));
}

/// Looks at the lock without trying it, which could keep the worker from taking it.
bool is_locked(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return false;
  std::ifstream locks("/proc/locks");
  const std::string all{std::istreambuf_iterator<char>(locks), {}};
  return all.find(fmt::format(":{} ", status.st_ino)) != all.npos;
}

bool eventually(const std::function<bool()>& is_true) {
  for (const auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;
       usleep(10'000))
    if (is_true()) return true;
  return false;
}

TEST(RealWorker, HoldsItsLockUntilAChangeIsThroughAlsoWhenItsCallerIsKilled) {
  const TempTree tree;
  // A write that does not return before somebody reads.
  const std::string pipe = tree.fifo("/attribute"), lock = tree.path("/lock");
  const pid_t caller = fork();
  if (caller == 0) {
    try {
      Worker("", 60s).write({pipe, "x"}, lock, 60s);
    } catch (const Error&) {
    }
    _exit(0);
  }
  ASSERT_TRUE(eventually([&] { return is_locked(lock); }));
  kill(caller, SIGKILL);
  waitpid(caller, nullptr, 0);
  usleep(300'000);
  EXPECT_TRUE(is_locked(lock));
  EXPECT_EQ(code_of([&] { Worker("", 120s).write({"/dev/null", "x"}, lock, 120s); }), ErrorCode::System);
  const int reader = open(pipe.c_str(), O_RDONLY | O_CLOEXEC);
  char written = 0;
  EXPECT_EQ(read(reader, &written, 1), 1);
  EXPECT_EQ(written, 'x');
  EXPECT_TRUE(eventually([&] { return !is_locked(lock); }));
  close(reader);
}

TEST(RealHypervisor, HoldsTheGuestsLockWhileItChangesIt) {
  const TempTree tree;
  std::string asked;
  const auto hypervisor = hypervisor_of(kUri, [&](const std::string& guest) {
    asked = guest;
    return tree.path("/lock");
  });
  const int other = open(tree.path("/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_EQ(code_of([&] { hypervisor->define("guest1", kGuest); }), ErrorCode::System);
  EXPECT_EQ(asked, "guest1");
  EXPECT_TRUE(hypervisor->domain("guest1").absent());
  close(other);
  hypervisor->define("guest1", kGuest);
  EXPECT_TRUE(hypervisor->domain("guest1").known());
}

TEST(RealWorker, WritesWithOneWriteAndCreatesNothing) {
  const TempTree tree;
  const std::string path = tree.path("/attribute");
  Worker worker("", 120s);
  EXPECT_EQ(code_of([&] { worker.write({path, "1"}, "", 120s); }), ErrorCode::NotFound);
  EXPECT_FALSE(std::filesystem::exists(path));
  tree.file("/attribute", "abc");
  worker.write({path, "1"}, "", 120s);
  EXPECT_EQ(worker.read(path), Fact<std::string>("1bc"));  // No O_TRUNC: the kernel's files know none.
  std::string message;
  EXPECT_EQ(code_of([&] { worker.write({"/dev/full", "1"}, "", 120s); }, &message), ErrorCode::System);
  EXPECT_EQ(message, "cannot write /dev/full: No space left on device");
}

// Opening a FIFO that has no other end blocks, as an attribute does whose device is locked for ever.
TEST(RealWorker, AbandonsWhatBlocksForEver) {
  const TempTree tree;
  const std::string path = tree.fifo("/fifo");
  Worker worker("", 2s);
  EXPECT_EQ(worker.read(path).why(), path + ": reading it does not return");
  EXPECT_FALSE(has_children());
  EXPECT_EQ(code_of([&] { worker.write({path, "1"}, "", 2s); }), ErrorCode::Wedged);
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(worker.read(path + "none").absent());
}

TEST(RealWorker, EndsWithItsCallerEvenInACallThatBlocks) {
  const TempTree tree;
  const std::string fifo = tree.fifo("/fifo");
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // What loses its parent becomes a child of this process.
  const pid_t caller = fork();
  if (caller == 0) {
    Worker("", 60s).read(fifo);
    _exit(0);
  }
  usleep(500'000);
  kill(caller, SIGKILL);
  for (int i = 0; i < 500 && has_children(); ++i) usleep(10'000);
  EXPECT_FALSE(has_children());
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(RealWorker, LoadsNothingButModules) {
  for (const char* name : {"", "-r", "../vfio", "vfio pci", "vfio;reboot", "VFIO"})
    EXPECT_EQ(code_of([&] { Worker("", 120s).carry_out(LoadModuleOrder{name}, "", 120s); }), ErrorCode::Usage)
        << name;
}

TEST(RealWorker, ExchangesTwoImagesAtOnce) {
  const TempTree tree;
  const std::string lock = tree.file("/lock", "");
  const BootImage image{"6.1.0", tree.file("/initrd.img-6.1.0", "old")};
  tree.file("/initrd.img-6.1.0.gpupass", "new");
  Worker("", 120s).carry_out(ExchangeBootImageOrder{BootTool::Dracut, image}, lock, 120s);
  EXPECT_EQ(tree.content("/initrd.img-6.1.0"), "new");
  EXPECT_EQ(tree.content("/initrd.img-6.1.0.gpupass"), "old");
  tree.remove("/initrd.img-6.1.0.gpupass");
  EXPECT_EQ(code_of([&] {
              Worker("", 120s).carry_out(ExchangeBootImageOrder{BootTool::Dracut, image}, lock, 120s);
            }),
            ErrorCode::NotFound);
  EXPECT_EQ(tree.content("/initrd.img-6.1.0"), "new");
}

TEST(RealWorker, DropsTheImageBesideAnother) {
  const TempTree tree;
  const BootImage image{"6.1.0", tree.file("/initrd.img-6.1.0", "old")};
  tree.file("/initrd.img-6.1.0.gpupass", "new");
  for (int time = 0; time < 2; ++time)  // One that is not there is no error.
    Worker("", 120s).carry_out(DropBootImageOrder{image}, "", 120s);
  EXPECT_FALSE(std::filesystem::exists(tree.path("/initrd.img-6.1.0.gpupass")));
  EXPECT_EQ(tree.content("/initrd.img-6.1.0"), "old");
}

TEST(RealWorker, LeavesAnImageAloneThatAnotherOneWorksOn) {
  const TempTree tree;
  const std::string lock = tree.file("/lock", "");
  const BootImage image{"6.1.0", tree.file("/initrd.img-6.1.0", "old")};
  tree.file("/initrd.img-6.1.0.gpupass", "new");
  const int held = open(lock.c_str(), O_RDWR);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  EXPECT_EQ(code_of([&] {
              Worker("", 120s).carry_out(ExchangeBootImageOrder{BootTool::Dracut, image}, lock, 120s);
            }),
            ErrorCode::System);
  EXPECT_EQ(
      code_of([&] { Worker("", 120s).carry_out(BuildBootImageOrder{BootTool::Dracut, image}, lock, 120s); }),
      ErrorCode::System);
  EXPECT_EQ(tree.content("/initrd.img-6.1.0"), "old");
  close(held);
}

TEST(RealWorker, BuildsImagesOfKernelsAlone) {
  const TempTree tree;
  const std::string lock = tree.file("/lock", "");
  for (const char* kernel : {"", "-k", "../../etc", "a/b"})
    EXPECT_EQ(code_of([&] {
                Worker("", 120s).carry_out(BuildBootImageOrder{BootTool::Dracut, {kernel, tree.path("/new")}},
                                           lock, 120s);
              }),
              ErrorCode::Usage)
        << kernel;
  EXPECT_EQ(code_of([&] {
              Worker("", 120s).carry_out(BuildBootImageOrder{BootTool::Dracut, {"6.1.0", "--help"}}, lock,
                                         120s);
            }),
            ErrorCode::Usage);
  EXPECT_EQ(code_of([&] {
              Worker("", 120s).call({{"op", "build-boot-image"},
                                     {"tool", "sh"},
                                     {"kernel", "6.1.0"},
                                     {"path", tree.path("/new")},
                                     {"lock", lock}},
                                    120s);
            }),
            ErrorCode::Malformed);
}

TEST(RealWorker, KnowsThatAnImageIsNotThere) {
  const TempTree tree;
  EXPECT_TRUE(Worker("", 120s).ask(BootImageQuestion{BootTool::Dracut, tree.path("/none")}).absent());
  // No lister is there, or it finds no image: that is not known, and no list of nothing.
  EXPECT_TRUE(Worker("", 120s).ask(BootImageQuestion{BootTool::Dracut, tree.file("/empty", "")}).unknown());
}

}  // namespace
}  // namespace gpupass::real_worker_test
