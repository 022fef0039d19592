# SPDX-License-Identifier: LGPL-2.1-or-later
"""The PCI drivers of a fake /sys, as drivers/base/bus.c, drivers/base/dd.c and drivers/pci/pci-sysfs.c of Linux let
files bind and unbind them. A tree in a folder is the state, so whoever has the folder sees it without asking."""
import errno
import os
import re
import threading
import time

NONE = "(null)"


class Kernel:
    """`natural` names the driver that takes each function without an override."""

    def __init__(self, root, natural):
        self.root, self.natural = root, natural
        self.delay = 0.0
        self.resets = 0
        self.silent = False         # What is reset reads ones from then on.
        self.watch = lambda: None   # Called before and after each write takes effect.
        self.lock = threading.Lock()
        for driver in {"vfio-pci", *natural.values()}:
            for name in ("bind", "unbind"):
                self.put(f"/bus/pci/drivers/{driver}/{name}", "")
        self.put("/bus/pci/drivers_probe", "")
        for address, driver in natural.items():
            self.put(f"/bus/pci/devices/{address}/driver_override", NONE)
            self.put(f"/bus/pci/devices/{address}/reset", "")
            self._set_driver(address, driver)

    def put(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        new = f"{self.root}/.new"
        with open(new, "w", encoding="ascii") as file:
            file.write(text + "\n")
        os.replace(new, self.root + path)

    def driver(self, address):
        try:
            return os.path.basename(os.readlink(f"{self.root}/bus/pci/devices/{address}/driver"))
        except FileNotFoundError:
            return ""

    def override(self, address):
        with open(f"{self.root}/bus/pci/devices/{address}/driver_override", encoding="ascii") as file:
            return file.read().strip().replace(NONE, "")

    def _set_driver(self, address, driver):
        folder = os.path.realpath(f"{self.root}/bus/pci/devices/{address}")
        for link in (f"{self.root}/bus/pci/drivers/{self.driver(address)}/{address}", folder + "/driver"):
            if os.path.islink(link):
                os.unlink(link)
        if driver:
            target = f"{self.root}/bus/pci/drivers/{driver}"
            os.symlink(os.path.relpath(target, folder), folder + "/driver")
            os.symlink(os.path.relpath(folder, target), f"{target}/{address}")

    def write(self, path, data):
        self.watch()
        time.sleep(self.delay)
        with self.lock:
            self._store(path, data.decode("latin-1").removesuffix("\n"))
        self.watch()

    def _store(self, path, value):
        if path.endswith("/driver_override"):
            return self.put(path, value or NONE)
        if path.endswith("/reset_method"):
            return self.put(path, value)
        if path.endswith("/reset"):
            return self._reset(path)
        if path == "/bus/pci/drivers_probe":
            return self._probe(self._known(value))
        action = re.fullmatch("/bus/pci/drivers/([^/]+)/(bind|unbind)", path)
        if not action:
            raise OSError(errno.EACCES, path)
        driver, verb = action.groups()
        now = self.driver(self._known(value))
        if verb == "unbind":
            if now != driver:
                raise OSError(errno.ENODEV, path)
            return self._set_driver(value, "")
        if not self._matches(driver, value):
            raise OSError(errno.ENODEV, path)
        if now:
            raise OSError(errno.EBUSY, path)
        return self._set_driver(value, driver)

    def _reset(self, path):
        self.resets += 1
        if self.silent:
            with open(self.root + os.path.dirname(path) + "/config", "wb") as file:
                file.write(b"\xff" * 4096)

    def _known(self, address):
        if address not in self.natural:
            raise OSError(errno.ENODEV, address)
        return address

    def _matches(self, driver, address):
        return driver == (self.override(address) or self.natural[address])

    def _probe(self, address):
        """Succeeds whatever it finds."""
        if self.driver(address):
            return
        for driver in os.listdir(self.root + "/bus/pci/drivers"):
            if self._matches(driver, address):
                self._set_driver(address, driver)
