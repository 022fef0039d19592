#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The C interface is as recorded in gpupass.abi: what was compiled against an earlier version works with this one. Additions are
# recorded with `run.sh --record`; `run.sh LIBRARY` compares. Only the functions of gpupass.h count, with the types that they show.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$here/../..
command -v abidw abidiff >/dev/null || { echo "skipped: abigail-tools is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The header alone tells the interface: a library of functions that have these types and do nothing.
{
    echo '#include <gpupass/gpupass.h>'
    echo 'struct gpupass_system { int i; }; struct gpupass_host { int i; }; struct gpupass_error { int i; };'
    "${CC:-cc}" -E -P -I"$source_dir/include" -x c "$source_dir/include/gpupass/gpupass.h" | tr '\n' ' ' |
        grep -oE '(const )?(char|void|gpupass_[a-z]+|enum gpupass_code) \*?gpupass_[a-z_]+\([^;]*\);' |
        sed -E 's/^((const )?(enum )?[a-z_]+ \*?)(.*);$/\1\4 { return (\1)0; }/; s/^void ([^{]*)\{ return \(void \)0; \}/void \1{ }/'
} >"$work/stub.c"
"${CC:-cc}" -std=c99 -g -w -fPIC -shared -I"$source_dir/include" -Wl,-soname,libgpupass.so.0 -o "$work/libgpupass.so" "$work/stub.c"
declared=$(grep -cE '^[^/ *].*gpupass_[a-z_]+\(' "$source_dir/include/gpupass/gpupass.h")
built=$(nm -D --defined-only "$work/libgpupass.so" | grep -c ' T gpupass_')
((built == declared && built > 30)) || { echo "$declared functions are declared, $built were found"; exit 1; }
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --headers-dir "$source_dir/include" "$work/libgpupass.so" >"$work/now.abi"
if [[ $1 == --record ]]; then
    cp "$work/now.abi" "$here/gpupass.abi"
    exit
fi
missing=$(comm -23 <(nm -D --defined-only "$work/libgpupass.so" | sed -n 's/.* T //p' | sort) \
    <(nm -D --defined-only "$1" | sed -n 's/.* T \(gpupass_[a-z_]*\).*/\1/p' | sort -u))
[[ ! $missing ]] || { echo "not in the library: $missing"; exit 1; }
abidiff --no-added-syms "$here/gpupass.abi" "$work/now.abi" || { echo "what is compiled already would break"; exit 1; }
abidiff "$here/gpupass.abi" "$work/now.abi" >/dev/null || { echo "the interface has grown: tests/abi/run.sh --record"; exit 1; }
echo "$built functions as recorded"
