#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples in Python and C do what they say.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PYTHONPATH=libgpupass/python
host=examples/hosts/8gpu-2socket.host
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
expect() { # WHAT PATTERN: in the output of the last program
    grep -qE -- "$2" "$work/out" || { echo "FAILED: $1: no $2"; cat "$work/out"; failed=1; }
}

python3 examples/draw_placement.py $host >"$work/out"
expect draw_placement.py '^a: 1 GPU on node 0 CPUs '
expect draw_placement.py '^GPUs in bus order: abbcccc\.$'
python3 examples/prepare_node.py $host >"$work/out"
expect prepare_node.py '^ 2. 8 functions, 0000:19:00.0, '
! python3 examples/prepare_node.py tests/field/bar-unassigned.host >"$work/out" 2>&1 || failed=1
expect prepare_node.py 'no GPU of this host'

# The sample of README.md, on a captured machine, where nothing can be applied.
sed -n '/^    import gpupass/,/^        report/s/^    //p' README.md | sed "s,open(),open('$host'),; s/65:00.0/19:00.0/; /report =/d" >"$work/sample.py"
python3 "$work/sample.py" >"$work/out"
expect README.md 'bind 0000:19:00.0 to vfio-pci'
cat >"$work/trace.csv" <<'END'
name,cpu_milli,memory_mib,num_gpu,gpu_milli
one,8000,16384,4,1000
part,1000,1024,1,500
none,1000,1024,0,0
two,8000,16384,4,1000
three,8000,16384,1,1000
END
python3 examples/schedule.py "$work/trace.csv" 1 $host 2 >"$work/out"
expect schedule.py '^2 tasks: 2 placed, 8 of at most 8 GPUs given$'
expect schedule.py '"refused": 1, "first_refused": \["three"\]'

cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude examples/place.c -o "$work/place" "$LD_LIBRARY_PATH/libgpupass.so"
"$work/place" $host >"$work/out"
expect place.c '^GPU  *19:00.0 '
expect place.c 'bind 0000:d4:00.0 to vfio-pci'
! "$work/place" /nowhere >"$work/out" 2>&1 || failed=1
expect place.c 'cannot open /nowhere'
! "$work/place" '"' >"$work/out" 2>&1 || failed=1
expect place.c 'cannot read options: saw something else, expected JSON'
exit $failed
