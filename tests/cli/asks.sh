#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# On a terminal a change shows its plan and asks; otherwise, and with -y, it does not ask.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
host=$(dirname "$0")/../../examples/hosts/8gpu-2socket.host
define=("$gpupass" -q --root "$host" -c test:///default define guest1 --gpu 19:00.0)

# on_terminal ANSWER ARGUMENT...: runs gpupass on a terminal and types the answer.
on_terminal() {
    local answer=$1 words
    shift
    printf -v words '%q ' "${define[@]}" "$@"
    status=0
    script --quiet --return --command "$words" /dev/null <<<"$answer" >"$work/out" 2>"$work/err" || status=$?
}

on_terminal n
[[ $status == 1 ]] || fail "answered n: exit status $status"
prints out 'define guest guest1'
prints out 'Proceed\? \[y/N\]'
prints out 'not confirmed'
on_terminal ''
[[ $status == 1 ]] || fail "answered nothing: exit status $status"
on_terminal y
[[ $status == 0 ]] || fail "answered y: exit status $status"
prints out '^done'
for words in --yes --dry-run; do
    on_terminal n "$words"
    [[ $status == 0 ]] || fail "$words: exit status $status"
    ! grep -q Proceed "$work/out" || fail "$words asks"
done

# What reads the output changes nothing about that.
printf -v words '%q ' "${define[@]}"
script --quiet --command "$words | cat" /dev/null <<<n >"$work/out" 2>"$work/err"
prints out 'Proceed\? \[y/N\]'
! grep -q '^done' "$work/out" || fail "with a pipe behind it, nothing is asked"

exits 0 "${define[@]:1}"
prints out '^done'
exits 0 "${define[@]:1}" --json
jq -e '.report.outcome == "done" and .report.changed' "$work/out" >/dev/null || fail "JSON of a report"
exits 0 "${define[@]:1}" --verbose
prints err '^ 1\. '

# A file is replaced only by who agrees.
picture=("$gpupass" -q --root "$host" topology --svg "$work/made.svg")
define=("${picture[@]}")
echo mine >"$work/made.svg"
on_terminal n
[[ $status == 1 && $(<"$work/made.svg") == mine ]] || fail "answered n: exit status $status, and the file is replaced"
prints out 'Replace .*/made\.svg\? \[y/N\]'
prints out 'the file is as it was'
on_terminal n --yes
[[ $status == 0 && $(<"$work/made.svg") == '<svg '* ]] || fail "--yes: exit status $status, and the file is not replaced"
rm "$work/made.svg"
on_terminal n
[[ $status == 0 ]] || fail "a new file: exit status $status"
! grep -q Replace "$work/out" || fail 'a question about a new file'
define=("$gpupass" -q --root "$host" -c test:///default define guest1 --gpu 19:00.0)

# A result that cannot be printed does not change what happened to the machine.
"${define[@]}" >/dev/full 2>"$work/err" || fail "done, and only the report lost"

finish
