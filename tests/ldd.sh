#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No library and no program loads libvirt, which takes longer than all that most verbs do: the worker opens it when it is
# asked. `ldd.sh FILE...`
set -eu
for file; do
    needed=$(ldd "$file")
    echo "$needed" | grep -q libc.so # ldd can read it.
    if found=$(echo "$needed" | grep -E 'lib(virt|hwloc|pci|mount)'); then
        echo "$file loads:"
        echo "$found"
        exit 1
    fi
done
