#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completions, in the real shells: bash with the package bash-completion and zsh with compinit, each on a terminal
where a line is typed and completed by TAB; and fish, which can be asked what it offers."""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
GPUPASS = pathlib.Path(os.environ["GPUPASS"]).resolve()
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
SCRIPTS = SOURCE / "tools/completion"

missing = [shell for shell in ("bash", "zsh", "fish") if not shutil.which(shell)]
if missing or not os.path.exists(BASH_COMPLETION):
    print("not installed:", *(missing or ["bash-completion"]))
    sys.exit(77)

# Guests whose names are commands for a shell that does not quote them, and the only word that each may become.
GUESTS = {
    "guest1": "guest1",
    "$(touch ran)": r"\$\(touch\ ran\)",
    "`touch ran`": r"\`touch\ ran\`",
    "two words": r"two\ words",
    "it's": r"it\'s",
    'quoted"name': r"quoted\"name",
    "semi;touch ran": r"semi\;touch\ ran",
    "*": r"\*",
}

# What is typed, and the line that TAB makes of it.
LINES = {
    "gpupass sho": "gpupass show ",
    "gpupass vers": "gpupass version ",
    "gpupass help sho": "gpupass help show ",
    "gpupass --dry": "gpupass --dry-run ",
    "gpupass define --sta": "gpupass define --start ",
    "gpupass define guest1 --dry": "gpupass define guest1 --dry-run ",
    "gpupass show 9a": "gpupass show 9a:00.0 ",
    "gpupass show 9a:": "gpupass show 9a:00.0 ",
    "gpupass show 0000:9a": "gpupass show 0000:9a:00.0 ",
    "gpupass bind al": "gpupass bind all ",
    "gpupass bind node:0 node:1 19": "gpupass bind node:0 node:1 19:00.0 ",
    "gpupass show -- 9a": "gpupass show -- 9a:00.0 ",
    "gpupass --root other.host show a": "gpupass --root other.host show all ",
    "gpupass --root 'other.host' show a": "gpupass --root 'other.host' show all ",
    "gpupass place --gpu 9a": "gpupass place --gpu 9a:00.0 ",
    "gpupass place --gpu=9a": "gpupass place --gpu=9a:00.0 ",
    "gpupass place --numa r": "gpupass place --numa required ",
    "gpupass xml guest1 --guest w": "gpupass xml guest1 --guest windows ",
    "gpupass xml guest1 --firmware u": "gpupass xml guest1 --firmware uefi ",
    "gpupass xml guest1 --base oth": "gpupass xml guest1 --base other.host ",
    "gpupass topology --svg oth": "gpupass topology --svg other.host ",
    "gpupass topology --mat": "gpupass topology --matrix ",
    "gpupass xml guest2 --device 0000:1b": "gpupass xml guest2 --device 0000:1b:00.0 ",
    "gpupass xml guest2 --from gue": "gpupass xml guest2 --from guest1 ",
    "gpupass check --domain gue": "gpupass check --domain guest1 ",
    "gpupass attach gue": "gpupass attach guest1 ",
    "gpupass attach guest1 9a": "gpupass attach guest1 9a:00.0 ",
    "gpupass boot ins": "gpupass boot install ",
    "gpupass slice cre": "gpupass slice create ",
    "gpupass slice destroy 9a": "gpupass slice destroy 9a:00.0 ",
    "gpupass capture oth": "gpupass capture other.host ",
    "gpupass place --memory 1": "gpupass place --memory 1",
}
for name, word in GUESTS.items():
    beginning = re.match(r"\\?.", word)[0]
    LINES[f"gpupass attach {beginning}"] = f"gpupass attach {word} "
# fish, when it is asked, completes no command behind sudo.
LINES_ON_TERMINAL = LINES | {"sudo gpupass show 9a": "sudo gpupass show 9a:00.0 "}

SETUP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             f"""PS1=; source {BASH_COMPLETION}; source {SCRIPTS}/gpupass.bash
             bind -x '"\\C-x\\C-p": printf "<<%s>>\\n" "$READLINE_LINE"'; bind 'set bell-style none'"""),
    "zsh": (["zsh", "-f", "-i"],
            f"""PS1=; PROMPT_EOL_MARK=; unsetopt beep; fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D
            show() {{ print -r -- "<<$BUFFER>>" }}; zle -N show; bindkey '^X^P' show; bindkey '^U' kill-whole-line"""),
}
PATIENCE = 60  # Seconds that a busy machine may take for a line.


class Terminal:
    """A shell on a terminal."""

    def __init__(self, shell, folder, environment):
        words, setup = SETUP[shell]
        self.output = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        self.type(" ".join(line.strip() + ";" for line in setup.splitlines()) + " echo rea''dy\n")
        self.wait_for(rb"ready")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, pattern):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(pattern, self.output):
                self.output = self.output[found.end():]
                return found
            if select.select([self.terminal], [], [], 1)[0]:
                self.output += os.read(self.terminal, 4096)
        raise TimeoutError(f"no {pattern} in {self.output}")

    def completed(self, line):
        """What TAB makes of a line. Control-U then empties it."""
        self.type(line + "\t\x18\x10")
        found = self.wait_for(rb"<<([^\r\n]*)>>")
        self.type("\x05\x15")
        return found[1].decode()

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def fish_offers(line, folder, environment):
    ran = subprocess.run(["fish", "-c", f"source {SCRIPTS}/gpupass.fish; complete -C $argv[1]", line],
                         cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return [offer.split("\t")[0] for offer in ran.stdout.splitlines()]


def as_fish_names(line):
    """The last word of a line without what a shell needs around it."""
    return re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\) ", line.rstrip(" "))[-1])


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        host = (SOURCE / "examples/hosts/8gpu-2socket.host").read_text()
        (folder / "other.host").write_text(host)
        for guest in GUESTS:
            host += f"[domain {guest}]\nstate = persistent\nconfig =\n| <domain type='kvm'><name>guest</name></domain>\n"
        (folder / "host").write_text(host)
        (folder / "bin").mkdir()
        (folder / "bin/gpupass").symlink_to(GPUPASS)
        environment = {"HOME": name, "TERM": "dumb", "LC_ALL": "C.UTF-8", "GPUPASS_ROOT": str(folder / "host"),
                       "PATH": f"{folder}/bin:{os.environ['PATH']}"}

        def fail(shell, line, saw, expected):
            nonlocal failures
            failures += 1
            print(f"FAILED: {shell}: {line!r} becomes {saw!r}, expected {expected!r}")

        for shell in SETUP:
            terminal = Terminal(shell, folder, environment)
            for line, expected in LINES_ON_TERMINAL.items():
                saw = terminal.completed(line)
                if saw != expected:
                    fail(shell, line, saw, expected)
            terminal.close()
        for line, expected in LINES.items():
            offers = fish_offers(line, folder, environment)
            if offers != ([as_fish_names(expected)] if line != expected else []):
                fail("fish", line, offers, expected)
        if (folder / "ran").exists():
            print("FAILED: a completion has run a command out of the name of a guest")
            failures += 1
    print("all as expected" if failures == 0 else f"{failures} failures")
    return failures != 0


sys.exit(main())
