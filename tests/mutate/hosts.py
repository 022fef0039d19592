# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hosts that --root opens, as something to take parts from: a capture (gpupass-host(5)) or a tree of files."""
import os
import posixpath
import re
import shutil

ESCAPED = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")


def unescaped(text):
    letters = {b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
    return ESCAPED.sub(lambda m: letters.get(m[1]) or bytes([int(m[1][1:], 16)]), text)


def escaped(text):
    return b"".join(bytes([c]) if 0x20 <= c < 0x7f and c != 0x5c else b"\\x%02x" % c for c in text)


class Capture:
    """Folders with entries: a file is ("file", bytes), a link ("link", target), anything else its own text.

    What is no folder (CPUs, guests) is kept as it is."""
    SUFFIX = ".host"

    def __init__(self, path):
        self.folders, self.partial, self.rest = {}, set(), []
        sections = []
        for line in path.read_bytes().split(b"\n")[1:]:
            if line.startswith(b"["):
                sections.append([line])
            elif line and not line.startswith(b"#"):
                sections[-1].append(line)
        for section in sections:
            if section[0].startswith(b"[/"):
                self._read(*section)
            else:
                self.rest.append(section)

    def _read(self, head, *lines):
        folder = unescaped(head.removesuffix(b" ...")[1:-1]).decode()
        if head.endswith(b" ..."):
            self.partial.add(folder)
        parts = []
        for line in lines:
            if line.startswith(b"|"):
                parts[-1][2].append(line[2:])
            else:
                name, _, text = line.partition(b" ")
                parts.append((unescaped(name).decode(), text, []))
        self.folders[folder] = {name: self._entry(text, rows) for name, text, rows in parts}

    @staticmethod
    def _entry(text, rows):
        if text.startswith(b"->"):
            return "link", unescaped(text[3:]).decode()
        if text.startswith(b":"):
            content = bytearray(int(text.split()[1]))
            for row in rows:
                offset, _, pairs = row.partition(b":")
                some = bytes.fromhex(pairs.decode())
                content[int(offset, 16):int(offset, 16) + len(some)] = some
            return "file", bytes(content)
        if text.startswith(b"="):
            return "file", b"\n".join(map(unescaped, rows)) if rows else unescaped(text[2:])
        return "other", text

    def paths(self):
        return [posixpath.join(folder, name) for folder, entries in self.folders.items() for name in entries]

    def kind(self, path):
        folder, name = posixpath.split(path)
        if path in self.folders:
            return "folder"
        return self.folders[folder][name][0]

    def content(self, path):
        folder, name = posixpath.split(path)
        return self.folders[folder][name][1]

    def remove(self, path):
        for folder in [path, *(below for below in self.folders if below.startswith(path + "/"))]:
            self.folders.pop(folder, None)
        folder, name = posixpath.split(path)
        self.folders.get(folder, {}).pop(name, None)

    def _put(self, path, entry):
        self.remove(path)
        folder, name = posixpath.split(path)
        self.folders[folder][name] = entry

    def put_file(self, path, content):
        self._put(path, ("file", content))

    def put_link(self, path, target):
        self._put(path, ("link", target))

    def put_folder(self, path):
        self._put(path, ("other", b"?"))
        self.folders[path] = {"entry": ("file", b"content")}

    def put_refused(self, path):
        self._put(path, ("other", b"! Permission denied"))

    def copy(self):
        other = Capture.__new__(Capture)
        other.folders = {folder: dict(entries) for folder, entries in self.folders.items()}
        other.partial, other.rest = self.partial, self.rest
        return other

    def write(self, path):
        """Writes a file that --root opens."""
        lines = [b"gpupass host 1"]
        for folder, entries in self.folders.items():
            lines.append(b"[%s]%s" % (escaped(folder.encode()), b" ..." if folder in self.partial else b""))
            for name, (kind, value) in entries.items():
                lines.extend(self._lines(escaped(name.encode()).replace(b" ", b"\\x20"), kind, value))
        for section in self.rest:
            lines.extend(section)
        path.write_bytes(b"\n".join(lines) + b"\n")

    @staticmethod
    def _lines(name, kind, value):
        if kind == "link":
            return [b"%s -> %s" % (name, escaped(value.encode()))]
        if kind == "other":
            return [b"%s %s" % (name, value)]
        if b"\n" not in value:
            return [b"%s = %s" % (name, escaped(value))]
        return [b"%s =" % name, *(b"| " + escaped(row) for row in value.split(b"\n"))]

    def unpack(self, root):
        """Makes a tree. A folder whose entry is a link lies where the link points to."""
        for folder in sorted(self.folders):
            os.makedirs(f"{root}{folder}", exist_ok=True)
            for name, (kind, value) in self.folders[folder].items():
                path = f"{root}{folder}/{name}"
                if kind == "link":
                    is_folder = any(f"{below}/".startswith(f"{folder}/{name}/") for below in self.folders)
                    if is_folder and not value.startswith("/"):
                        os.makedirs(os.path.join(root + folder, value), exist_ok=True)
                    os.symlink(value, path)
                elif kind == "file":
                    with open(path, "wb") as file:
                        file.write(value + (b"" if name == "config" else b"\n"))
                elif value == b"?":
                    os.makedirs(path, exist_ok=True)


class Tree:
    """A folder with the files of a host."""
    SUFFIX = ""

    def __init__(self, root):
        self.root = str(root)

    def _at(self, path):
        return self.root + path

    def paths(self):
        return sorted(posixpath.join(folder, name)[len(self.root):]
                      for folder, folders, files in os.walk(self.root) for name in folders + files)

    def kind(self, path):
        path = self._at(path)
        if os.path.islink(path):
            return "link"
        return "folder" if os.path.isdir(path) else "file"

    def content(self, path):
        with open(self._at(path), "rb") as file:
            return file.read()

    def remove(self, path):
        if self.kind(path) == "folder":
            shutil.rmtree(self._at(path))
        else:
            os.unlink(self._at(path))

    def put_file(self, path, content):
        self.remove(path)
        with open(self._at(path), "wb") as file:
            file.write(content)

    def put_link(self, path, target):
        self.remove(path)
        os.symlink(target, self._at(path))

    def put_folder(self, path):
        self.remove(path)
        os.makedirs(self._at(path) + "/entry")

    def put_refused(self, path):
        """Nothing refuses root a file; a link to itself cannot be read either."""
        self.put_link(path, posixpath.basename(path))

    def write(self, path):
        """Makes a copy that --root opens. Its files are those of the first tree until they are replaced."""
        shutil.copytree(self.root, path, symlinks=True, copy_function=os.link)
        return Tree(path)
