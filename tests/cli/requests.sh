#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# place --requests: many guests on one or several machines.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
hosts=$(dirname "$0")/../../examples/hosts
requests=$(dirname "$0")/../../examples/requests.json
two=(--root "$hosts/8gpu-2socket.host" --root "$hosts/epyc-nps4-8gpu.host")

exits 0 "${two[@]}" place --requests "$requests"
prints out 'training .*8gpu-2socket.host'
prints out '4 placed, 0 refused'
"$gpupass" -q "${two[@]}" place --requests - <"$requests" | grep -q '4 placed, 0 refused' || fail "stdin is not read"

# --- a guest that does not fit is refused with a reason
exits 3 --root "$hosts/hybrid-1gpu.host" place --requests "$requests"
prints out 'training +refused'
prints out '1 placed, 3 refused; 1 of 8 GPUs: no packing gives more$'
exits 3 --json --root "$hosts/hybrid-1gpu.host" place --requests "$requests"
jq -e '.format == 1 and .summary == {placed: 1, refused: 3, guests_at_most: 1, gpus_asked: 8, gpus_given: 1, gpus_at_most: 1,
                                     proven: true}
       and ([.placements[] | select(.host == null) | .refusal] | length == 3 and all(. != null))' "$work/out" >/dev/null ||
    fail "the JSON tells otherwise"

# --- a search ends at its deadline
exits 0 "${two[@]}" place --requests "$requests" --deadline 1
exits 2 "${two[@]}" place --requests "$requests" --deadline 0
prints err "cannot use --deadline: saw '0', expected a number from 1 to 86400"
exits 2 --root "$hosts/hybrid-1gpu.host" place --deadline 1
prints err 'cannot use --deadline without --requests'

# --- where it is not proven that the packing is the best, it says what none exceeds; only a terminal sees how far it is
jq -n '{format: 1, requests: [range(12) | {name: "g\(.)", vcpus: 70}]}' >"$work/large.json"
exits 3 --root "$hosts/8gpu-2socket.host" place --requests "$work/large.json" --deadline 1
prints out '2 placed, 10 refused; 2 of 12 GPUs: no packing gives more than 3$'
prints_nothing err
script -qec "'$gpupass' --root '$hosts/8gpu-2socket.host' place --requests '$work/large.json' --deadline 1" /dev/null >"$work/out" </dev/null
prints out '2 of 12 guests have a place, 2 of at most 3 GPUs\.\.\.'

# --- invalid requests
exits 2 "${two[@]}" place --gpus 1
prints err 'several --root: one machine at a time'
exits 2 "${two[@]}" place --requests "$requests" --gpus 1
prints err 'cannot use --gpus beside --requests'
exits 1 "${two[@]}" place --requests "$work/none.json"
echo '{"format": 1, "requests": [{"name": "a", "gpu": 1}]}' >"$work/odd.json"
exits 1 "${two[@]}" place --requests "$work/odd.json"
prints err 'requests\[0\].gpu'
echo '{"format": 1, "requests": [{"name": "a", "gpus": 0}]}' >"$work/odd.json"
exits 2 "${two[@]}" place --requests "$work/odd.json"

finish
