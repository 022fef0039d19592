#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Results go to stdout, a lost result is an error, and foreign text cannot control a terminal.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
make_host
make_function 0000:60:08.0 10de 2330 030200 $'evil\e[31m\nname' 7
host=(--root "$work/root")

# --- results on stdout, notes on stderr
exits 0 "${host[@]}" -v list
prints out '^60:05\.0 '
prints err '^could not see '
exits 0 -q "${host[@]}" list
prints_nothing err
exits 0 --json "${host[@]}" list
prints_nothing err

# --- a result that cannot be written
for words in list 'list --json' '-h' '--version' '-n bind 60:05.0'; do
    # shellcheck disable=SC2086
    "$gpupass" -q "${host[@]}" $words >/dev/full 2>"$work/err"
    [[ $? == 1 ]] || fail "gpupass $words >/dev/full"
    prints err 'cannot write the result: No space left'
    # shellcheck disable=SC2086
    "$gpupass" -q "${host[@]}" $words >&- 2>"$work/err"
    [[ $? == 1 ]] || fail "gpupass $words with stdout closed"
done
# The reader closes the pipe before the first byte.
{ sleep 0.2; "$gpupass" -q "${host[@]}" list 2>"$work/err"; echo $? >"$work/status"; } | head -c 0
[[ $(<"$work/status") == 1 ]] || fail "a closed pipe: exit status $(<"$work/status")"
prints_nothing err

# --- foreign text
for words in status list 'show 60:08.0' groups topology 'topology --matrix' 'topology --svg -' 'check --html -' '-v check' '-n bind 60:05.0' '-n bind 60:06.0'; do
    for json in '' --json; do
        # shellcheck disable=SC2086
        run "${host[@]}" $words $json
        ! grep -qP '[^\n\x20-\x7e]' "$work/out" || fail "gpupass $words $json: raw control characters in stdout"
        ! grep -qP '[^\n\x20-\x7e]' "$work/err" || fail "gpupass $words $json: raw control characters in stderr"
    done
done
exits 0 "${host[@]}" -v list
prints err 'evil\\x1[bB]\[31m\\x0[aA]name'
exits 2 $'l\e[2Jist'
! grep -q $'\e' "$work/err" || fail "the user's own words come back raw"

# --- captures
exits 0 "${host[@]}" capture "$work/made.host"
prints_nothing out
[[ $(stat -c %a "$work/made.host") == 644 ]] || fail "mode of a capture"
exits 0 "${host[@]}" capture -
cmp -s "$work/out" "$work/made.host" || fail "capture - differs from capture NAME"
exits 0 -q --json "${host[@]}" list
cp "$work/out" "$work/tree.json"
exits 0 -q --json --root "$work/made.host" list
diff <(jq .gpus "$work/tree.json") <(jq .gpus "$work/out") || fail "list of a capture differs from list of its tree"
exits 1 "${host[@]}" capture "$work/none/made.host"
prints err 'No such file or directory'
[[ -z $(find "$work" -name 'made.host.*') ]] || fail "a temporary file stays behind"
exits 2 "${host[@]}" --json capture "$work/made.host"

finish
