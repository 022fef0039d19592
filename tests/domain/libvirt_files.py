#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The domain files of libvirt's own tests, patched with GPUs: GPUPASS=program libvirt_files.py [SUITE...]

apt fetches Debian's source package of libvirt for each suite (default: bookworm, trixie), once. Each domain file
of its tests that is for QEMU is patched with `gpupass xml --base`, for an example host. What comes out is valid by libvirt's
schema, and taken by libvirt's test driver and by its QEMU driver, wherever the file itself is; it has the devices of the file,
and comes out unchanged when it is patched again. A refusal is a sentence. Prints a table, and each file that is wrong."""
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOURCE = pathlib.Path(__file__).resolve().parents[2]
STORE = SOURCE / "build/libvirt"
HOST = SOURCE / "examples/hosts/8gpu-2socket.host"
UNDEFINE = {"test": "undefine", "embed": "undefine --nvram"}
REQUESTS = {
    "one GPU": ["--gpu", "19:00.0"],
    "two cells": ["--gpu", "19:00.0", "--gpu", "9a:00.0", "--vcpus", "8", "--memory", "16G", "--numa", "preferred"],
}
REFUSALS = (1, 2, 3)
CHANGED = ("controller", "iommu", "memory")  # A hole for the cards, caching for them, another cell of the guest.
gpupass = os.environ["GPUPASS"]


def fetch(suite):
    """The folder of the package's sources."""
    target = STORE / suite
    if (target / "tests").is_dir():
        return target
    lists = STORE / "apt"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    indexes = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian",
                              "Component: main"], capture_output=True, text=True, check=True).stdout.split()
    mirror = min(index for index in indexes if "security" not in index)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (STORE / "sources.list").write_text(f"deb-src [signed-by={keyring}] {mirror} {suite} main\n")
    apt = ["apt-get", "-q", "-o", f"Dir::Etc::sourcelist={STORE}/sources.list", "-o", "Dir::Etc::sourceparts=-",
           "-o", f"Dir::State::lists={lists}", "-o", "APT::Sandbox::User=root"]
    with tempfile.TemporaryDirectory(dir=STORE) as folder:
        for words in (["update"], ["--download-only", "--tar-only", "source", "libvirt"]):
            subprocess.run(apt + words, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        unpacked = pathlib.Path(folder) / "unpacked"
        unpacked.mkdir()
        archive, = pathlib.Path(folder).glob("*.orig.tar.*z")
        subprocess.run(["tar", "-C", str(unpacked), "--strip-components=1", "-xf", str(archive)], check=True)
        unpacked.rename(target)
    return target


def domain_files(folders):
    """Each content once: its path, and whether it is a domain for QEMU."""
    files, seen = [], set()
    for folder in folders:
        for path in sorted((folder / "tests").rglob("*.xml")):
            content = path.read_bytes()
            try:
                root = ElementTree.fromstring(content)
            except ElementTree.ParseError:
                continue
            if root.tag != "domain" or hashlib.sha256(content).digest() in seen:
                continue
            seen.add(hashlib.sha256(content).digest())
            files.append((path, root.get("type") in ("qemu", "kvm")))
    return files


def patch(base, request, name):
    return subprocess.run([gpupass, "-q", "--root", str(HOST), "xml", name, "--base", str(base), *request],
                          capture_output=True, encoding="utf-8", errors="surrogateescape", stdin=subprocess.DEVNULL)


def reason(said):
    """A refusal without the names, addresses and numbers of one file."""
    first = said.splitlines()[0] if said else "nothing is said"
    first = re.sub(r"^gpupass: ", "", first)
    first = re.sub(r"\bf\d+[ab]\b|\"[^\"]*\"", "...", first)
    return re.sub(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|\b\d[\d.]*[KMGT]?\b", "N", first)[:150]


def devices_of(text):
    """The devices that nothing is changed of, each in a form that does not depend on its layout."""
    def plain(element):
        for part in element.iter():
            part.text, part.tail = (part.text or "").strip(), ""
        return ElementTree.canonicalize(ElementTree.tostring(element))
    devices = ElementTree.fromstring(text).find("devices")
    return collections.Counter(plain(device) for device in devices if device.tag not in CHANGED) if devices is not None \
        else collections.Counter()


def for_this_machine(text, name):
    """The name of the patched ones, and without KVM: the only other things that keep libvirt from judging both alike."""
    text = re.sub(r"<name>[^<]*</name>", f"<name>{name}</name>", text, count=1)
    text = re.sub(r"(<domain\b[^>]*\btype=['\"])kvm\b", r"\1qemu", text, count=1)
    return re.sub(r"(<cpu\b[^>]*\bmode=['\"])host-(passthrough|model)\b", r"\1maximum", text, count=1)


class Libvirt:
    """Its schema, its test driver and its QEMU driver, which lives in virsh itself, with a user of its own."""

    def __init__(self, schema, work):
        self.schema, self.work, self.homes = schema, work, 0

    def valid(self, files):
        """Those that the schema takes."""
        taken = set()
        for start in range(0, len(files), 200):
            command = ["xmllint", "--noout", "--relaxng", str(self.schema), *files[start:start + 200]]
            said = subprocess.run(command, capture_output=True, text=True, errors="replace").stderr
            taken.update(re.findall(r"(?m)^(.+) validates$", said))
        return taken

    def virsh(self, driver, commands):
        self.homes += 1
        home = self.work / f"home{self.homes}"
        home.mkdir()
        command = ["virsh", "-c", "test:///default" if driver == "test" else f"qemu:///embed?root={home}"]
        if os.geteuid() == 0:
            os.chown(home, 65534, 65534)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        environment = dict(os.environ, HOME=str(home), XDG_RUNTIME_DIR=str(home), XDG_CACHE_HOME=str(home))
        ran = subprocess.run(command, input="\n".join(commands) + "\n", env=environment, capture_output=True, text=True,
                             errors="replace")
        shutil.rmtree(home, ignore_errors=True)
        return ran

    def defined(self, driver, files):
        """Those that the driver takes. One that another has left in its way is taken in a later round."""
        found, taken, new = re.compile(r"(?m)^Domain '.*' defined from (.+)$"), set(), True
        while new:
            commands = []
            for file in (file for file in files if file not in taken):
                commands += [f"define {file}", f"{UNDEFINE[driver]} {pathlib.Path(file).stem}"]
            new = set(found.findall(self.virsh(driver, commands).stdout)) - taken
            taken |= new
        return taken

    def complaint(self, driver, file):
        return " ".join(self.virsh(driver, [f"define {file}"]).stderr.split())


class Patched:
    """One file under one request."""

    def __init__(self, path, is_for_qemu, label, name, work):
        self.path, self.is_for_qemu, self.label = path, is_for_qemu, label
        self.base, self.output = work / "base" / f"{name}.xml", work / "output" / f"{name}.xml"
        self.wrong, self.refusal = [], None
        self.text = path.read_bytes().decode("utf-8", "surrogateescape")
        self.run(name, REQUESTS[label])

    def run(self, name, request):
        ran = patch(self.path, request, name)
        if ran.returncode in REFUSALS and re.match(r"gpupass: cannot .+", ran.stderr):
            self.refusal = reason(ran.stderr)
            return
        if ran.returncode != 0:
            self.wrong.append(f"exit status {ran.returncode}: {ran.stderr.strip()[:300]}")
            return
        if not self.is_for_qemu:
            self.wrong.append("patched, though it is not for QEMU")
        once = self.output.with_suffix(".once")
        once.write_text(ran.stdout, errors="surrogateescape")
        again = patch(once, request, name)
        if again.stdout != ran.stdout:
            self.wrong.append(f"patched twice it is another text ({again.returncode}: {again.stderr.strip()[:200]})")
        lost = devices_of(self.text) - devices_of(ran.stdout)
        if lost:
            self.wrong.append(f"lost or changed: {' '.join(lost)[:300]}")
        for target, text in ((self.base, self.text), (self.output, ran.stdout)):
            target.write_text(for_this_machine(text, name), errors="surrogateescape")


def judge(patched, libvirt):
    """Where libvirt takes the file, it takes the output."""
    judged = collections.Counter()
    outputs = [one for one in patched if one.output.exists()]
    for title, takes in (("schema", libvirt.valid), ("test driver", lambda files: libvirt.defined("test", files)),
                         ("QEMU driver", lambda files: libvirt.defined("embed", files))):
        bases = takes([str(one.base) for one in outputs])
        candidates = [one for one in outputs if str(one.base) in bases]
        taken = takes([str(one.output) for one in candidates])
        judged[title] = len(candidates)
        for one in candidates:
            if str(one.output) not in taken:
                why = "" if title == "schema" else libvirt.complaint("test" if "test" in title else "embed", str(one.output))
                one.wrong.append(f"the {title} takes the file, and not the output: {why[:300]}")
    return judged


def main():
    for tool in ("virsh", "xmllint", "setpriv", "qemu-system-x86_64", "apt-get"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            sys.exit(77)
    folders = [fetch(suite) for suite in sys.argv[1:] or ["bookworm", "trixie"]]
    schema = next(folders[-1].rglob("schemas/domain.rng"))
    files = domain_files(folders)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        os.chmod(work, 0o755)
        for part in ("base", "output"):
            (work / part).mkdir()
        cases = [(path, is_for_qemu, label, f"f{number}{suffix}", work) for number, (path, is_for_qemu) in enumerate(files)
                 for suffix, label in zip("ab", REQUESTS)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            patched = list(pool.map(lambda case: Patched(*case), cases))
        judged = judge(patched, Libvirt(schema, work))
        for one in patched:
            for why in one.wrong:
                print(f"WRONG: {one.path.relative_to(STORE)}, {one.label}: {why}")
    refusals = collections.Counter(one.refusal for one in patched if one.refusal)
    wrong = sum(bool(one.wrong) for one in patched)
    print(f"{len(files)} files, {sum(kind for _, kind in files)} of them for QEMU, {len(REQUESTS)} requests each")
    print(f"{len(patched) - refusals.total() - wrong:6} patched")
    for title, count in judged.items():
        print(f"{count:6} judged by the {title}")
    print(f"{refusals.total():6} refused")
    for why, count in refusals.most_common():
        print(f"{count:6}   {why}")
    print(f"{wrong:6} wrong")
    sys.exit(1 if wrong or not judged["QEMU driver"] else 0)


main()
