#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd takes the units, none of them runs for ever, and each is confined as far as its work allows.
set -euo pipefail
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is missing"; exit 77; }
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\n' >"$work/gpupass"
chmod +x "$work/gpupass"
status=0
fail() { echo "$*"; status=1; }
for template in "$source_dir"/tools/boot/systemd/*.service.in; do
    unit=$work/$(basename "$template" .in)
    sed "s|@BINDIR@|$work|" "$template" >"$unit"
    grep -q '^TimeoutStartSec=[0-9]*min$' "$unit" || fail "$unit may run for ever"
    complaints=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F "$(basename "$unit")" || true)
    [[ -z $complaints ]] || fail "$complaints"
    systemd-analyze security --offline=true --threshold=80 "$unit" >"$work/out" 2>&1 || fail "$(tail -1 "$work/out")"
done
((status)) || echo "the units hold"
exit $status
