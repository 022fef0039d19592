#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whoever links the library gets neither libvirt nor hwloc nor libpci into the process.  `ldd.sh LIBRARY`
set -eu
needed=$(ldd "$1")
if found=$(echo "$needed" | grep -E 'lib(virt|hwloc|pci)'); then
    echo "$1 loads:"
    echo "$found"
    exit 1
fi
echo "$needed" | grep -q libc.so # It is a library, and ldd could read it.
