# SPDX-License-Identifier: LGPL-2.1-or-later
"""What may happen to one entry of a host. Each takes the random source, the host and a path."""
import posixpath


def remove(_, host, path):
    host.remove(path)


def empty(_, host, path):
    host.put_file(path, b"")


def truncate(random, host, path):
    content = host.content(path)
    host.put_file(path, content[:random.randrange(len(content) or 1)])


def random_bytes(random, host, path):
    host.put_file(path, random.randbytes(random.choice([1, 2, 5, 16, 300])))


def hostile_text(random, host, path):
    host.put_file(path, random.choice([
        b"\x1b]0;title\x07\x1b[2J\x9b31m", "\u202e\u2066\u0085".encode(), b"-1", b"0", b"18446744073709551616",
        b"0x", b"0-65535," * 500, b"[" * 20000, b"(null)", b"../../../../../etc/passwd", b"$(reboot)`id`",
        b"%s%n{}{0}", b"x" * 70000, b"\n" * 500, b"nan", b"1e309"]))


def dangling_link(_, host, path):
    host.put_link(path, "../no/such/place")


def looping_link(_, host, path):
    host.put_link(path, posixpath.basename(path))


def foreign_link(random, host, path):
    host.put_link(path, random.choice(["/", "/etc/passwd", "../" * 30 + "etc/shadow", "/proc/self/fd/0", "x" * 200]))


def folder(_, host, path):
    host.put_folder(path)


def refuse(_, host, path):
    host.put_refused(path)


def content_of_another(random, host, path):
    files = [other for other in host.paths() if host.kind(other) == "file"]
    host.put_file(path, host.content(random.choice(files)))


# These take a fact away, or leave nonsense in its place.
TAKES = [remove, empty, truncate, random_bytes, dangling_link, looping_link, folder, refuse]
# What these leave may be what another, sound host has.
TELLS = [hostile_text, foreign_link, content_of_another]


def fits(mutation, kind):
    return kind == "file" if mutation is truncate else True
