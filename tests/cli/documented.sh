#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every verb has a man page with all its options, and every page formats without a warning.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
man=$(dirname "$0")/../../man
: >"$work/out"
: >"$work/err"

# Prints the options of a help text, such as --root, one on each line.
options() { awk '$1 ~ /^-/ { for (i = 1; i < 3; i++) if ($i ~ /^--/) print $i }'; }

mapfile -t verbs < <("$gpupass" -h | awk '/^  [a-z]/ { print $1 }')
((${#verbs[@]} > 0)) || fail "gpupass -h lists no verbs"
while read -r option; do
    grep -q -- "Fl -${option#--}\b" "$man/gpupass.8" || fail "gpupass.8 does not have $option"
done < <("$gpupass" -h | options)

for verb in "${verbs[@]}"; do
    page=$man/gpupass-$verb.8
    [[ -f $page ]] || { fail "no page for $verb"; continue; }
    grep -q "^.It Xr gpupass-$verb 8" "$man/gpupass.8" || fail "gpupass.8 does not list $verb"
    while read -r option; do
        grep -q -- "^.It Fl -${option#--}\b" "$page" || fail "gpupass-$verb.8 does not have $option"
    done < <("$gpupass" "$verb" -h | options)
    # The page has no other options.
    while read -r option; do
        "$gpupass" "$verb" -h | grep -q -- "--$option\b" || fail "gpupass-$verb.8 has --$option, which is none of its options"
    done < <(sed -nE 's/^\.It Fl -([a-z-]+).*/\1/p' "$page")
done

# The page of a document names every field of its schema.
schemas=$(dirname "$0")/../../tools/gpupass/schema
fields() {
    [[ $1 != list ]] || jq -r '."$defs".gpu.properties | keys[]' "$schemas/common.json" # As status has them.
    jq -r '[.. | objects | .properties? // empty | keys[]] | unique[]' "$schemas/$1.json"
}
documented() { # SCHEMA PAGE...
    local field schema=$1
    shift
    for field in $(fields "$schema"); do
        case $field in format | limits | passed_over) continue ;; esac
        (cd "$man" && cat "$@") | grep -q "\b$field\b" || fail "no word of $field ($schema.json) in $*"
    done
}
documented packing gpupass-place.8
for verb in groups topology place xml; do documented "$verb" "gpupass-$verb.8"; done
documented matrix gpupass-topology.8
documented list gpupass-list.8 gpupass-status.8
documented show gpupass-show.8 gpupass-list.8
documented plan gpupass-bind.8
documented report gpupass-bind.8
documented error gpupass.8
documented status gpupass-status.8
documented history gpupass-history.8
documented check gpupass-check.8
documented assert gpupass-assert.8
documented export gpupass-export.8
documented slices gpupass-slices.8
documented fits gpupass-slices.8
documented handover gpupass-handover.8
documented validate gpupass-validate.8

for page in "$man"/*.[3578]; do
    if command -v groff >/dev/null; then
        groff -mdoc -Tutf8 -ww -z "$page" 2>"$work/err" || fail "$page does not format"
        [[ ! -s $work/err ]] || fail "$page formats with warnings"
    fi
    # Every page in a reference exists.
    while read -r name section; do
        [[ $name != gpupass* || -f $man/$name.$section ]] || fail "$page refers to $name($section)"
    done < <(sed -nE 's/.*\bXr ([a-z-]+) ([0-9]).*/\1 \2/p' "$page")
done

finish
