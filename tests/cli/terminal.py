# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gpupass prints on a terminal, and the version of the names that this machine has for devices."""
import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import termios
import threading

END = b"\0end"
PCI_IDS = pathlib.Path("/usr/share/misc/pci.ids")


def screen(columns, rows, words, **environment):
    """All that gpupass prints on a terminal of this size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    settings = termios.tcgetattr(slave)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    # Questions are not asked: stdin is no terminal.
    process = subprocess.Popen([os.environ["GPUPASS"], *words], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                               env=os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8"} | environment)
    output = b""

    def read():
        nonlocal output
        while not output.endswith(END):
            output += os.read(master, 65536)

    # The kernel may drop what was not read yet when the last one closes a terminal: the end is a mark, not that.
    reader = threading.Thread(target=read)
    reader.start()
    process.wait()
    os.write(slave, END)
    reader.join()
    os.close(slave)
    os.close(master)
    return output.removesuffix(END).decode()


def version_of_names():
    lines = PCI_IDS.read_text(errors="replace").splitlines() if PCI_IDS.exists() else []
    return next((line.split()[-1] for line in lines if "Version:" in line), "none")
