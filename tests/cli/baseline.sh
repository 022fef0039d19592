#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# check: the rules for links, nodes and errors, what changed since a baseline, and what a finding means.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
captured=$(realpath "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host")
changed=$work/changed.host
edit() { sed "$1" "$captured" >"$changed"; }

exits 0 --root "$captured" check --baseline "$captured" -v
prints out 'the host is as its baseline \[drift.none\]'
exits 3 --root "$captured" check --baseline "$(dirname "$captured")/hybrid-1gpu.host" 19:00.0
prints out 'fail .*0000:01:00.0 is gone.*\[drift.missing\]'
prints out 'gpupass capture FILE takes a new baseline'
exits 1 --root "$captured" check --baseline "$work/no-such.host"

edit '/^\[.*devices\/0000:19:00.0\]$/,/^\[/ { s/current_link_width = 16/current_link_width = 4/; s/TOTAL_ERR_FATAL 0/TOTAL_ERR_FATAL 7/ }'
exits 0 --root "$changed" check --baseline "$captured"
prints out '0000:19:00.0 has 4 of 16 lanes.*\[gpu.link\]'
prints out '0000:19:00.0 counts 0 corrected, 0 not corrected, 7 fatal'
prints out '0000:19:00.0 has 4 lanes, and had 16 \[drift.link\]'
edit 's/numa_node = 1$/numa_node = -1/'
exits 0 --root "$changed" check
prints out 'the firmware does not say on which NUMA node 0000:9a:00.0 is.*the same is true of'
edit 's/^kvm ?$//'
exits 0 --root "$changed" check
prints out 'the kernel has no KVM.*\[host.kvm\]'

exits 0 check --explain gpu.link
prints out '^gpu.link$'
prints out 'a low speed of a GPU that rests'
exits 2 check --explain gpu.lnk
prints err 'did you mean gpu.link\?'
finish
