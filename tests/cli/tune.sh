#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tune: what a captured host can show of it. That a running kernel takes it, the lab shows.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"

exits 2 tune now
make_host
own() { mkdir -p "$work/root$(dirname "$1")" && cat >"$work/root$1"; }
host=(--root "$work/root")

# --- nothing is tuned, for nobody
exits 0 "${host[@]}" -n tune
prints out '^nothing to do'

# --- a guest has ended and nobody saw it: what is as gpupass set it goes back, and no more
own /proc/sys/kernel/numa_balancing <<<0
own /sys/kernel/mm/ksm/run <<<2
own /run/gpupass/tuned <<'END'
{"format": 1, "tuned": {"guests": [{"name": "vm", "cpus": "1", "devices": []}], "settings": [
  {"tunable": {"kind": "ksm", "name": ""}, "found": "1", "set": "0"},
  {"tunable": {"kind": "numa-balancing", "name": ""}, "found": "1", "set": "0"}]}}
END
exits 0 "${host[@]}" -n tune
prints out 'set automatic NUMA balancing from 0 to 1'
prints out 'no guest needs it any longer'
! grep -q 'equal pages' "$work/out"
exits 0 "${host[@]}" -n tune --undo
prints out 'set automatic NUMA balancing from 0 to 1'
exits 0 "${host[@]}" -n --json tune
prints out '"kind": *"tunable"'

# --- a record that cannot be
own /run/gpupass/tuned <<'END'
{"format": 1, "tuned": {"guests": [], "settings": [
  {"tunable": {"kind": "governor", "name": "../../x"}, "found": "powersave", "set": "performance"}]}}
END
exits 3 "${host[@]}" -n tune
prints err 'what is tuned is not known'
prints err 'remove it'

# --- the declared state knows it
cat >"$work/node.toml" <<'END'
[host]
tune = ["ksm", "governor", "ksm"]
END
exits 9 "${host[@]}" assert "$work/node.toml"
prints out 'tuning are not those declared'
sed -i 's/governor/frequency/' "$work/node.toml"
exits 1 "${host[@]}" assert "$work/node.toml"
prints err 'node.toml:2:16: saw "frequency", expected one of governor, interrupts, ksm, numa-balancing, services'

finish
