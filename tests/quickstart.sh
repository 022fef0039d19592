#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The first command of README.md in a clean Debian 12: it succeeds, is never silent for more than ten seconds, and takes at
# most three minutes of two processors. The time on the clock is printed; it counts only on an idle machine.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_dir/tests/root.sh"
. "$source_dir/tools/progress.sh"
mkdir -p "$roots"
clean=$roots/quickstart log=$roots/quickstart-run.log
progress "clean root" "$roots/bookworm.log" make_root bookworm man-db
rm -rf "$clean"
cp -a "$root" "$clean"
copy_sources "$clean/build/gpupass"

TIMEFORMAT='%R %U %S'
silence=0 last=$SECONDS
run() { time in_root "$clean" 'cd /build/gpupass && tools/quickstart.sh 2>&1'; }
while IFS= read -r line; do
    ((SECONDS - last <= silence)) || silence=$((SECONDS - last))
    last=$SECONDS
    printf '%s\n' "$line"
done < <(run 2>"$log.time" && echo succeeded) >"$log"

tail -n 12 "$log"
read -r clock user system <"$log.time"
processors=$((${user%.*} + ${system%.*}))
echo "on the clock ${clock%.*} s, of processors $processors s, longest silence $silence s"
[[ $(tail -n 1 "$log") == succeeded ]] || { echo "FAILED, see $log"; exit 1; }
((silence <= 10)) || { echo "FAILED: silent for $silence s"; exit 1; }
((processors <= 360)) || { echo "FAILED: it takes too long"; exit 1; }
rm -rf "$clean"
