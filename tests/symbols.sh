#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The library exports its public headers' names and no other: symbols.sh LIBRARY SOURCE_DIR
set -euo pipefail
library=$1 headers=$2/include/gpupass
status=0

# "gpupass::Host::operator==(...)" is about Host, "vtable for gpupass::System" about System.
# The versions of the symbols are symbols themselves.
symbols=$(nm -DC --defined-only "$library" | cut -d' ' -f3- | sed -E 's/@@GPUPASS_[A-Z0-9_]+$//' | grep -vx 'GPUPASS_[A-Z0-9_]*')
[[ $(wc -l <<<"$symbols") -gt 100 ]] || { echo "$library exports next to nothing"; exit 1; }
while read -r symbol; do
    bare=${symbol#vtable for }
    bare=${bare#typeinfo for }
    bare=${bare#typeinfo name for }
    if [[ $bare =~ ^gpupass::([A-Za-z_]+) ]] && grep -qwF -- "${BASH_REMATCH[1]}" "$headers"/*.hpp; then continue; fi
    if [[ $bare =~ ^gpupass_[a-z_]+$ ]] && grep -qF -- "$bare(" "$headers/gpupass.h"; then continue; fi
    echo "not public: $symbol"
    status=1
done <<<"$symbols"

# What a public header declares is exported only where the line before its namespace says so.
if grep -B1 '^namespace gpupass {' "$headers"/*.hpp | grep -vE 'namespace gpupass|visibility push\(default\)|^--$'; then
    echo 'expected before the namespace: #pragma GCC visibility push(default)'
    status=1
fi
((status)) || echo "$(wc -l <<<"$symbols") symbols, all public"
exit $status
