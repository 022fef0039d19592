#!/bin/bash
# What gpupass says of composed machines; README.md names their sources. Each line of expectations-*.txt is
#   HOST | ARGUMENTS | exit status | extended regular expression
# for gpupass -v --root HOST.host ARGUMENTS, run in this folder. The output has the expression; after "!" it has it not.
# usage: GPUPASS=program run.sh [regular expression over the lines]
set -u
cd "$(dirname "$0")" || exit 1

lines=0 wrong=0
while IFS='|' read -r host arguments status expression; do
  read -r host <<<"$host"
  read -r status <<<"$status"
  read -r expression <<<"$expression"
  [[ -z $host || $host = '#'* || ! "$host | $arguments" =~ ${1:-} ]] && continue
  eval "words=($arguments)"
  output=$("$GPUPASS" -v --root "$host.host" "${words[@]}" 2>&1 </dev/null)
  seen=$?
  found=no wanted=yes
  [[ $expression = '!'* ]] && wanted=no
  grep -qE -- "${expression#!}" <<<"$output" && found=yes
  ((++lines))
  [[ $seen = "$status" && $found = "$wanted" ]] && continue
  ((++wrong))
  printf '%s | %s\n  expected status %s and: %s\n  saw status %s:\n%s\n' \
    "$host" "$arguments" "$status" "$expression" "$seen" "$(sed 's/^/    /' <<<"$output")"
done < <(cat expectations-*.txt)
echo "$lines expectations over $(ls ./*.host | wc -l) machines, $wrong not met"
[[ $lines -gt 0 && $wrong = 0 ]]
