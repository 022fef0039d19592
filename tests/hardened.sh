#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is built is hardened against memory errors, as its ELF files say: hardened.sh FILE...
set -euo pipefail
export LC_ALL=C
status=0
expect() {
    grep -qE -- "$2" <<<"$seen" && return
    echo "$file: $1"
    status=1
}
for file; do
    seen=$(readelf --wide --file-header --program-headers --dynamic --dyn-syms "$file")
    expect "is not position-independent" 'Type: +DYN'
    expect "has no read-only relocations" 'GNU_RELRO'
    expect "binds symbols late" 'FLAGS_1.* NOW|BIND_NOW'
    expect "has an executable stack" 'GNU_STACK.* RW '
    expect "has no stack protector" '__stack_chk_fail'
done
# The programs may have no call that can be fortified, the library has.
file=$1 seen=$(readelf --wide --dyn-syms "$1")
expect "has no fortified call" '__[a-z]+_chk@'
((status)) || echo "$# files are hardened"
exit $status
