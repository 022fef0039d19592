# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine of its own for the whole program as root: a private view of the file system in which /sys is fake, and
/run, /var/lib, /etc and /dev are empty. Nothing of it reaches the real machine."""
import os
import pathlib
import subprocess
import sys

from fuse import FileSystem, mount
from kernel import Kernel

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "tests/mutate"))
from hosts import Capture  # noqa: E402

MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096
DEVICES = ("null", "zero", "full", "random", "urandom")
GPU, AUDIO = "0000:01:00.0", "0000:01:00.1"
NATURAL = {GPU: "nouveau", AUDIO: "snd_hda_intel"}
# Driver and override of each, and the records of where they belong.
AT_HOME = (("nouveau", ""), ("snd_hda_intel", ""), 0)
ON_VFIO = (("vfio-pci", "vfio-pci"), ("vfio-pci", "vfio-pci"), 2)


def enter():
    """Starts this program again in namespaces of its own. Skips the test where that is not allowed."""
    if os.environ.get("GPUPASS_RIG"):
        return
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    if os.geteuid() != 0:
        apart += ["--user", "--map-root-user"]
    if not os.access("/dev/fuse", os.R_OK | os.W_OK) or subprocess.run([*apart, "true"], capture_output=True).returncode:
        print("no namespaces, or no /dev/fuse")
        sys.exit(77)
    os.execvpe(apart[0], [*apart, sys.executable, *sys.argv], {**os.environ, "GPUPASS_RIG": "1"})


def empty(folder, options="mode=755"):
    mount("tmpfs", folder, "tmpfs", 0, options)


class Machine:
    """A desktop with one GPU and its sound, on their own drivers; or another of the examples."""

    def __init__(self, host="hybrid-1gpu.host", natural=None):
        natural = natural or NATURAL
        self.program = str(pathlib.Path(os.environ["GPUPASS"]).resolve())
        cache = pathlib.Path("/etc/ld.so.cache").read_bytes()  # Or the program does not find its libraries.
        for folder in ("/run", "/var/lib", "/etc"):
            empty(folder)
        pathlib.Path("/etc/ld.so.cache").write_bytes(cache)
        place = "/run/rig"
        os.mkdir(place)
        empty(place)
        Capture(SOURCE / "examples/hosts" / host).unpack(place + "/host")
        mount(place + "/host/proc/interrupts", "/proc/interrupts", "", MS_BIND)
        self.kernel = Kernel(place + "/host/sys", natural)
        FileSystem(place + "/host/sys", "/sys", self.kernel.write)
        self._replace_devices(place)

    @staticmethod
    def _replace_devices(place):
        for device in DEVICES:
            pathlib.Path(place, device).touch()
            mount(f"/dev/{device}", f"{place}/{device}", "", MS_BIND)
        empty("/dev")
        for device in DEVICES:
            pathlib.Path("/dev", device).touch()
            mount(f"{place}/{device}", f"/dev/{device}", "", MS_BIND)
        os.symlink("/proc/self/fd", "/dev/fd")
        os.mkdir("/dev/pts")
        mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666")
        os.symlink("pts/ptmx", "/dev/ptmx")
        os.mkdir("/dev/vfio")
        for node in ("vfio", *os.listdir(place + "/host/sys/kernel/iommu_groups")):
            pathlib.Path("/dev/vfio", node).touch()

    @staticmethod
    def records():
        """How many functions have a record of where they belong."""
        folder = pathlib.Path("/run/gpupass/home")
        return len(list(folder.iterdir())) if folder.is_dir() else 0

    def state(self):
        drivers = [(self.kernel.driver(address), self.kernel.override(address)) for address in NATURAL]
        return (*drivers, self.records())

    def start(self, *words, **options):
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen([self.program, *words], **{**silent, **options})

    def run(self, *words, **options):
        """@returns its exit status, and all that it said."""
        return self.ended(self.start(*words, **options))

    @staticmethod
    def ended(process):
        try:
            said = process.communicate(timeout=120)[0] or b""
        except subprocess.TimeoutExpired:
            process.kill()
            return "hangs", ""
        return process.returncode, said.decode()
