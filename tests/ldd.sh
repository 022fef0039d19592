#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A program that links the library loads neither libvirt nor hwloc nor libpci.  `ldd.sh LIBRARY`
set -eu
needed=$(ldd "$1")
if found=$(echo "$needed" | grep -E 'lib(virt|hwloc|pci)'); then
    echo "$1 loads:"
    echo "$found"
    exit 1
fi
echo "$needed" | grep -q libc.so # The file is a library, and ldd can read it.
