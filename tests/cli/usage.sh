#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line and the exit statuses.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
make_host
host=(--root "$work/root")
example=(--root "$(realpath "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host")")

# --- help and version
exits 0 --version
prints out '^gpupass [0-9]+\.[0-9]+'
exits 0 version
prints out '^gpupass [0-9]+\.[0-9]+'
exits 0 -h
prints out '^usage: gpupass'
cp "$work/out" "$work/help"
for words in help 'help help'; do
    # shellcheck disable=SC2086
    exits 0 $words
    cmp -s "$work/out" "$work/help" || fail "gpupass $words differs from -h"
done
exits 0 bind -h
cp "$work/out" "$work/help"
exits 0 help bind
cmp -s "$work/out" "$work/help" || fail 'help bind differs from bind -h'
exits 2 help bnid
prints err 'did you mean bind'
exits 0 "${example[@]}"
cp "$work/out" "$work/bare"
exits 0 "${example[@]}" status
cmp -s "$work/out" "$work/bare" || fail 'gpupass without a verb is not status'
# A second look begins after the 16 lines of the first one; then the reader goes away, and gpupass ends.
looks=$(timeout 120 "$gpupass" "${example[@]}" status --watch 2>/dev/null | head -n 20 | grep -c '^ready')
[[ $looks == 2 ]] || fail "status --watch looked $looks times"
for verb in $("$gpupass" -h | awk '/^  [a-z]/ { print $1 }'); do
    exits 0 "$verb" -h
    exits 0 -h "$verb"
    prints out "^usage: gpupass $verb "
    # The options that describe a guest need more than the 24 lines of a screen.
    case $verb in place | xml | define | run) most=33 ;; *) most=24 ;; esac
    [[ $(wc -l <"$work/out") -le $most ]] || fail "help of $verb is longer than $most lines"
    ! grep -qE '^.{101}' "$work/out" || fail "help of $verb is wider than 100 columns"
done

# --- a libvirt elsewhere
for uri in qemu://host.invalid/system an-alias; do
    exits 0 -v -c "$uri" list
    prints err "could not see domains: $uri may be another machine"
done
exits 0 -v -c bogus://x list
prints err 'libvirt has no driver for bogus://x'

# --- invalid command lines
exits 2 lst
prints err "^gpupass: cannot run 'lst': there is no such verb$"
prints err '^  did you mean list\? '
exits 2 frobnicate
! grep -q 'did you mean' "$work/err" || fail 'a guess at frobnicate'
exits 2 list --frobnicate
prints err 'cannot run list: it has no option --frobnicate'
for option in --GPU=60:05.0 -gpu --gup --cpu; do
    exits 2 place "$option"
    prints err '^  did you mean --gpu\? gpupass place -h lists the options'
done
exits 2 bind --gpu 60:05.0
prints err 'it is an option of place, run, xml, define; gpupass bind -h'
exits 2 --js list
exits 2 place --mem 16G
exits 2 list --root
exits 2 list unexpected
prints err "cannot run list with 'unexpected': it takes no argument"
exits 2 place 60:05.0
prints err "^  if it is a GPU: --gpu 60:05.0"
exits 2 define guest1 60:05.0
prints err "it takes NAME alone"
exits 2 xml
prints err 'cannot run xml: NAME is missing'
exits 2 --root "$work/root" --root /tmp list
prints err 'several --root: one machine at a time'
exits 2 show
prints err 'usage: gpupass show \[options\] GPU\.\.\.'
exits 2 attach guest1
prints err 'cannot run attach: GPU is missing'
for words in 'release --force 60:05.0 60:05.0'; do
    # shellcheck disable=SC2086
    exits 2 "${host[@]}" $words
    prints err 'not yet available'
done

# --- the last of several options counts, as an alias may have the first
exits 0 -q -q -q "${host[@]}" list
exits 0 "${example[@]}" -q --json place --vcpus 1 --vcpus 2 --vcpus 3
jq -e '.placement.vcpu_pins | length == 3' "$work/out" >/dev/null || fail 'the last --vcpus'

# --- values
for option in --gpus=-1 --gpus=x --vcpus=0 --vcpus=1e3 --memory=16X --memory=-1 --memory=0 --numa=node \
    --hugepages=3M --virt-type=xen --firmware=coreboot --reserve-cpus=3-1; do
    exits 2 "${host[@]}" place "$option"
    prints err "^gpupass: cannot use ${option%%=*}: saw '${option#*=}', expected"
done
for option in --device=nic --device=66:00 --cell=0:4 --cell=0:4:8G:1 --cell=0:0:8G --cell=0:4:0 --cell=0:-4:8G --cell=x:4:8G \
    --cell=65536:1:1G --cell=0:4097:1G --cell=:::; do
    exits 2 "${host[@]}" place "$option"
    prints err "^gpupass: cannot use ${option%%=*}: saw '${option#*=}', expected"
done
exits 2 "${host[@]}" xml guest1 --guest=dos
prints err "^gpupass: cannot use --guest: saw 'dos', expected"
exits 2 "${host[@]}" place --guest=dos
exits 2 "${host[@]}" place --gpus=
exits 2 "${host[@]}" place --gpus 1 --gpu 60:05.0
exits 2 "${host[@]}" place --cell 0:4:8G --cell 1:4:8G --vcpus 7
prints err 'saw 7, expected 8, the sum of the cells'
exits 2 "${host[@]}" place --cell 0:4:8G --cell 1:4:8G --memory 8G
prints err 'saw 8G, expected 16G'
exits 2 "${host[@]}" place --cell 0:4096:8G --cell 1:1:8G
exits 2 "${host[@]}" place --cell 0:1:16777215T --cell 1:1:16777215T
exits 2 "${host[@]}" xml guest1 --secure-boot --firmware bios
printf '<domain type="kvm"><name>guest1</name><os><type>hvm</type></os></domain>' >"$work/bios.xml"
exits 2 "${host[@]}" xml guest1 --secure-boot --base "$work/bios.xml"
prints err 'a guest with BIOS'
exits 2 "${host[@]}" attach guest1 60:05.0 -n --timeout 0
exits 1 "${host[@]}" xml guest1 --base "$work/none.xml"
prints err 'No such file'
exits 1 "${host[@]}" xml guest1 --base -

# --- global options may come before or after the verb, and "--" ends the options
exits 0 "${host[@]}" --json list
cp "$work/out" "$work/before"
exits 0 list --json "${host[@]}"
cmp -s "$work/out" "$work/before" || fail "options after the verb"
exits 0 -q list "--root=$work/root" --json
cmp -s "$work/out" "$work/before" || fail "--root=PATH"
GPUPASS_ROOT=$work/root exits 0 list --json
cmp -s "$work/out" "$work/before" || fail "GPUPASS_ROOT"
for deadline in GPUPASS_DEADLINE GPUPASS_WRITE_DEADLINE; do
    export $deadline=300
    exits 0 "${host[@]}" list
    export $deadline=5m
    exits 2 "${host[@]}" list
    prints err "cannot use $deadline: saw '5m'"
    export $deadline=300
done
exits 0 "${host[@]}" show -- 60:05.0
exits 1 "${host[@]}" show -- --json
exits 1 --root "$work/nowhere" list

# --- files of a guest
(cd "$work" && exits 0 -q "${example[@]}" xml guest1 --disk nope.qcow2 --rom ./gpu.rom --virt-type qemu && cp out made.xml)
for file in nope.qcow2 gpu.rom; do grep -q "'$work/$file'" "$work/made.xml" || fail "$file is not from the root"; done
run xml guest1 --disk "$work/nope.qcow2"
prints err "note: there is no file $work/nope.qcow2"
run "${host[@]}" xml guest1 --disk "$work/nope.qcow2"
! grep -q 'there is no file' "$work/err" || fail "nobody knows the files of another machine"

# --- pictures
exits 0 "${host[@]}" topology --svg -
prints out '^<svg '
exits 0 "${host[@]}" topology --svg "$work/made.svg"
prints_nothing out
cmp -s "$work/made.svg" <("$gpupass" "${host[@]}" topology --svg -) || fail '--svg FILE differs from --svg -'
exits 0 "${host[@]}" topology --svg "$work/made.svg"
exits 1 "${host[@]}" topology --svg "$work/none/made.svg"
exits 2 "${host[@]}" -n topology --svg "$work/made.svg"
exits 2 "${host[@]}" --json topology --svg -
exits 2 "${host[@]}" topology --matrix --svg -

exits 0 "${example[@]}" -q check --html "$work/made.html"
prints out '^8 of 8 GPUs are ready$'
cmp -s "$work/made.html" <("$gpupass" "${example[@]}" -q check --html -) || fail '--html FILE differs from --html -'
exits 0 "${example[@]}" -q --json check --html "$work/made.html"
jq -e '.summary.fail == 0' "$work/out" >/dev/null || fail 'JSON beside a page'
exits 3 "${example[@]}" -q check --html - 02:00.0
prints out '^<!DOCTYPE html>'
exits 0 "${example[@]}" -q check --domain vm
! grep -q 'ready' "$work/out" || fail 'GPUs are counted that were not checked'
exits 2 "${example[@]}" --json check --html -
exits 2 "${example[@]}" check --html ''
exits 2 "${example[@]}" -n check --html "$work/made.html"

# --- a journal without operations
exits 0 "${host[@]}" history
prints out '^nothing was changed yet$'
exits 0 "${host[@]}" -n recover
prints out '^nothing to recover$'

# --- GPUs and their names
exits 0 "${host[@]}" show 0000:60:05.0
exits 0 "${host[@]}" -q show all
prints out '^0000:60:05\.0'
for name in 60:05 0000:60:05 pci_0000_60_05_0; do
    exits 0 "${host[@]}" -q show $name
    prints out '^0000:60:05\.0'
done
exits 1 "${host[@]}" show foo
prints err '^  0000:60:05\.0  10de:2330  node 0'
prints err '^  0000:60:06\.0  '
exits 1 "${host[@]}" bind -n nvidia
prints err '2 GPUs have it in their names'
exits 1 "${host[@]}" show node:7
prints err 'no GPU is on NUMA node 7'
exits 1 "${host[@]}" show 0000:99:00.0
prints err '0000:60:05\.0'
exits 1 "${host[@]}" show 1234:5678
prints err '0000:60:05\.0'

# --- changes need the running machine and the consent of all guards
exits 2 "${host[@]}" bind 60:05.0
prints err 'dry-run'
exits 2 -c qemu+ssh://other/system bind 60:05.0
prints err 'remote URI'
exits 2 -c qemu+ssh://root@other/system attach guest1 60:05.0
LIBVIRT_DEFAULT_URI=qemu+ssh://other/system exits 2 release 60:05.0
exits 2 -c 'qemu+ext:///system?x=y' bind 60:05.0
prints err 'remote URI'
exits 2 -c "qemu+ext:///system?command=$work/program" list
prints err 'runs a program'
LIBVIRT_DEFAULT_URI="qemu+ssh:///system?%63ommand=$work/program" exits 2 list
exits 2 "${host[@]}" define guest1 --gpu 60:05.0
exits 2 "${host[@]}" -c test:///default define guest1 --start --gpu 60:05.0
exits 0 "${host[@]}" -n bind 60:05.0
prints out '^ 1\. '
exits 3 "${host[@]}" -n bind 60:06.0
exits 3 "${host[@]}" -n bind 60:01.0
exits 3 -q "${example[@]}" place --vcpus 300
prints err '^gpupass: cannot place guest:$'
prints err '^fail     guest: on node 1: saw .* \[guest\.room\]$'
exits 3 "${host[@]}" -n bind 60:01.0 60:06.0
prints err '^gpupass: cannot bind 0000:60:01\.0, 0000:60:06\.0:$'
[[ $(grep -c '^fail     0000:60:0.*\]$' "$work/err") -ge 2 ]] || fail 'not one reason a line'
exits 0 "${host[@]}" -n release 60:05.0
prints out '^nothing to do'

# --- errors as JSON
exits 2 --json lst
jq -e '.format == 1 and .error.code == "usage" and .error.hint != null' "$work/out" >/dev/null || fail "JSON of a usage error"
prints_nothing err
exits 0 "${example[@]}" --json
[[ $(jq -r .ready "$work/out") == yes ]] || fail 'JSON of a command line without a verb'
prints_nothing err
exits 3 --json "${host[@]}" -n bind 60:06.0
jq -e '.error.code == "refused" and (.error.message | length > 0) and (.error.reasons[0] | .id == "group.foreign-member" and .verdict == "fail")' "$work/out" >/dev/null || fail "JSON of a refusal"
exits 1 --json "${host[@]}" show 0000:99:00.0
jq -e '.error.code == "not-found"' "$work/out" >/dev/null || fail "JSON of an unknown GPU"

finish
