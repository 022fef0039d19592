# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples for the first boot of a host can be read, what they declare too, and gpupass has the verbs that they call.
cloud-init and ksvalidator judge the rest where they are. `first_boot.py EXAMPLES`"""
import os
import pathlib
import re
import subprocess
import sys

import yaml

EXAMPLES = pathlib.Path(sys.argv[1])
LATER = {"prepare"}  # Tried where this gpupass has them.
failures = []


def gpupass(*words, stdin=""):
    return subprocess.run([os.environ["GPUPASS"], *words], input=stdin, capture_output=True, text=True, check=False)


def declares(name, text):
    # The GPU is not there, so apply would refuse. A file that cannot be read is an error: exit status 1.
    ran = gpupass("--root", str(EXAMPLES / "hosts/8gpu-2socket.host"), "assert", "-", stdin=text)
    if ran.returncode != 9:
        failures.append(f"{name}: assert exits with {ran.returncode}: {ran.stderr}")


def calls(name, text):
    verbs = set(re.findall(r"^[^#\n]*\bgpupass,? (\w+)", text, re.M))
    if not verbs:
        failures.append(f"{name} calls no gpupass")
    for verb in verbs:
        if gpupass("help", verb).returncode and verb not in LATER:
            failures.append(f"{name}: gpupass has no verb {verb}")


text = (EXAMPLES / "cloud-init.yaml").read_text()
config = yaml.safe_load(text)
if not text.startswith("#cloud-config\n"):
    failures.append("cloud-init.yaml: the first line must be #cloud-config")
declares("cloud-init.yaml", next(file["content"] for file in config["write_files"] if file["path"] == "/etc/gpupass.conf"))
calls("cloud-init.yaml", "\n".join([" ".join(command) for command in config["runcmd"]]
                                   + [file["content"] for file in config["write_files"] if file["path"].endswith("/gpupass")]))

text = (EXAMPLES / "kickstart.ks").read_text()
sections = re.findall(r"^%(\w+)", text, re.M)
if sections[1::2] != ["end"] * (len(sections) // 2) or len(sections) % 2:
    failures.append(f"kickstart.ks: a section does not end: {sections}")
script = re.search(r"^%post.*\n((?:.*\n)*?)%end$", text, re.M)[1]
if subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode:
    failures.append("kickstart.ks: the shell cannot read %post")
files = dict(re.findall(r"^cat >(\S+) <<'END'\n((?:.*\n)*?)END$", script, re.M))
declares("kickstart.ks", files["/etc/gpupass.conf"])
calls("kickstart.ks", files["/etc/systemd/system/gpupass-declared.service"])

print("\n".join(failures) or "all as expected")
sys.exit(bool(failures))
