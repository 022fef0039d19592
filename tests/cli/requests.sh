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
prints out '1 placed, 3 refused'
exits 3 --json --root "$hosts/hybrid-1gpu.host" place --requests "$requests"
jq -e '.format == 1 and .summary == {placed: 1, refused: 3}
       and ([.placements[] | select(.host == null) | .refusal] | length == 3 and all(. != null))' "$work/out" >/dev/null ||
    fail "the JSON tells otherwise"

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
