# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stand-in for ssh. Root's gpupass heeds no PATH: then this program starts again with a /usr/local/bin of its own."""
import os
import pathlib
import subprocess
import sys

APART = ["unshare", "--mount", "--propagation", "private"]


def place(script, folder):
    """@returns the environment in which gpupass finds the script as ssh; `folder` is for those who are not root."""
    environment = dict(os.environ)
    if os.geteuid() != 0:
        environment["PATH"] = f"{folder}:{environment['PATH']}"
    else:
        folder = "/usr/local/bin"
        mount = ["mount", "-t", "tmpfs", "none", folder]
        if not os.environ.get("GPUPASS_STAND_IN"):
            if subprocess.run([*APART, *mount], capture_output=True, check=False).returncode:
                print("no mount namespaces")
                sys.exit(77)
            os.execvpe(APART[0], [*APART, sys.executable, *sys.argv], {**environment, "GPUPASS_STAND_IN": "1"})
        subprocess.run(mount, check=True)
    ssh = pathlib.Path(folder, "ssh")
    ssh.write_text(script)
    ssh.chmod(0o755)
    return environment
