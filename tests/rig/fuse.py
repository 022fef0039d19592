# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file system in this process, by the kernel's protocol (include/uapi/linux/fuse.h): it shows a folder, and hands
writes to a function."""
import ctypes
import errno
import os
import stat
import struct
import threading

LOOKUP, FORGET, GETATTR, SETATTR, READLINK, OPEN, READ, WRITE = 1, 2, 3, 4, 5, 14, 15, 16
STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 17, 18, 25, 26, 27, 28, 29, 36, 42
SILENT = {FORGET, BATCH_FORGET, INTERRUPT}
HEADER, REPLY = struct.Struct("<IIQQIII4x"), struct.Struct("<IiQ")
LARGEST_WRITE = 65536
DIRECT_IO = 1


def mount(source, target, kind, flags=0, options=""):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), str(target).encode(), kind.encode(), flags, options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


class FileSystem:
    """Shows the folder `backing` at `target`. `write(path, data)` does what a write means, or raises an OSError."""

    def __init__(self, backing, target, write):
        self.backing, self.write = backing, write
        self.paths, self.nodes = {1: ""}, {"": 1}
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        mount("rig", target, "fuse", 0, f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other")
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            request = os.read(self.device, LARGEST_WRITE + 4096)
            if HEADER.unpack_from(request)[1] == WRITE:  # It may take its time, as a driver does.
                threading.Thread(target=self._answer, args=(request,), daemon=True).start()
            else:
                self._answer(request)

    def _answer(self, request):
        _, operation, unique, node, *_ = HEADER.unpack_from(request)
        try:
            error, reply = 0, self._perform(operation, self.paths.get(node, ""), request[HEADER.size:])
        except OSError as failure:
            error, reply = -failure.errno, b""
        if operation not in SILENT:
            try:
                os.write(self.device, REPLY.pack(REPLY.size + len(reply), error, unique) + reply)
            except FileNotFoundError:
                pass  # Who asked has ended.

    def _perform(self, operation, path, body):
        if operation == INIT:
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 16, 12, LARGEST_WRITE, 1, 0, 0, 0)
        if operation == LOOKUP:
            return self._entry(f"{path}/{os.fsdecode(body.rstrip(bytes(1)))}")
        if operation in (GETATTR, SETATTR):
            return struct.pack("<QII", 0, 0, 0) + self._attributes(path)
        if operation == READLINK:
            return os.fsencode(os.readlink(self.backing + path))
        if operation in (OPEN, OPENDIR):
            return struct.pack("<QIi", 0, DIRECT_IO, 0)
        if operation == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            with open(self.backing + path, "rb") as file:
                return file.read()[offset:offset + size]
        if operation == WRITE:
            size = struct.unpack_from("<QQI", body)[2]
            self.write(path, body[40:40 + size])
            return struct.pack("<II", size, 0)
        if operation == READDIR:
            _, offset, size = struct.unpack_from("<QQI", body)
            return self._names(path, offset, size)
        if operation == STATFS:
            return bytes(80)
        if operation in (RELEASE, RELEASEDIR, FLUSH) or operation in SILENT:
            return b""
        raise OSError(errno.ENOSYS, "")

    def _node(self, path):
        if path not in self.nodes:
            self.nodes[path] = len(self.nodes) + 1
            self.paths[self.nodes[path]] = path
        return self.nodes[path]

    def _entry(self, path):
        return struct.pack("<QQQQII", self._node(path), 0, 0, 0, 0, 0) + self._attributes(path)

    def _attributes(self, path):
        status = os.lstat(self.backing + path)
        size = 4096 if stat.S_ISREG(status.st_mode) else status.st_size
        return struct.pack("<QQQQQQIIIIIIIIII", self._node(path), size, 0, 0, 0, 0, 0, 0, 0, status.st_mode, 1, 0, 0, 0,
                           4096, 0)

    def _names(self, path, offset, size):
        reply = b""
        for index, name in enumerate(sorted(os.listdir(self.backing + path))):
            raw = os.fsencode(name)
            entry = struct.pack("<QQII", 1, index + 1, len(raw), 0) + raw
            entry += bytes(-len(entry) % 8)
            if index >= offset:
                if len(reply) + len(entry) > size:
                    break
                reply += entry
        return reply
