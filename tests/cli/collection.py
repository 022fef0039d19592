# SPDX-License-Identifier: LGPL-2.1-or-later
"""The collection of captured machines next to the repository, or in the folder GPUPASS_SHARED_HOSTS."""
import os
import pathlib
import sys
import tarfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = pathlib.Path(os.environ.get("GPUPASS_SHARED_HOSTS", SOURCE.parent / "shared/hosts"))


def archives(pattern="*.tar.xz"):
    """The trees that --root can open. Skips the test if there is no collection."""
    found = sorted((COLLECTION / "derived-sysfs").glob(pattern))
    if not found:
        print("no collection of captured machines")
        sys.exit(77)
    return found


def unpacked(archive, folder):
    """Unpacks a tree into a folder. Returns the folder that contains `sys`."""
    root = pathlib.Path(folder) / archive.name.removesuffix(".tar.xz")
    with tarfile.open(archive) as tar:
        tar.extractall(root)
    return next(root.glob("**/sys")).parent
