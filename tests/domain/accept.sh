#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# accept.sh DOMAIN_MATRIX [GPUPASS]: libvirt checks every domain of the matrix, the domains that the program writes for
# the example hosts, and users' definitions that are patched with a GPU.
#   - libvirt's schema, and its test driver (define --validate), accept them unchanged;
#   - libvirt's real QEMU driver, embedded and without a daemon, accepts them with two substitutions, type qemu and CPU
#     mode maximum, because it refuses KVM if the machine has none. It refuses far more than the schema does.
# Exits 77, "skipped", if libvirt or QEMU is not installed.
set -euo pipefail

matrix=$1
gpupass=${2:-}
here=$(dirname "$0")
schema=/usr/share/libvirt/schemas/domain.rng
for tool in virsh xmllint setpriv qemu-system-x86_64; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[[ -e $schema ]] || { echo "skipped: $schema is not installed"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work"/{new,examples,patched,qemu,dumps,home}

# validates FILE...: checks the files with libvirt's schema, and prints the errors.
validates() {
    local complaints
    complaints=$(xmllint --noout --relaxng $schema "$@" 2>&1 | grep -v ' validates$' || true)
    [[ -z $complaints ]] || { echo "$complaints"; return 1; }
}

# The embedded driver needs its own user: as root it requires the system accounts of libvirt's daemon.
embedded() {
    local -a as=(env)
    ((EUID != 0)) || { chown 65534 "$work/home"; as=(setpriv --reuid=65534 --regid=65534 --clear-groups); }
    HOME=$work/home XDG_RUNTIME_DIR=$work/home XDG_CACHE_HOME=$work/home "${as[@]}" \
        virsh -c "qemu:///embed?root=$work/home" "$@"
}

# defines COMMAND...: runs this virsh command once for the files named on stdin, and expects each to be defined.
defines() {
    local -a files
    mapfile -t files
    "$@" "$(printf 'define --validate "%s"; ' "${files[@]}")" >"$work/defined" 2>&1 || true
    (($(grep -c ' defined from ' "$work/defined") == ${#files[@]})) || { grep -v ' defined from ' "$work/defined"; return 1; }
}
test_driver() { virsh -c test:///default "$@"; }

# for_qemu FILE TARGET: the two substitutions, and a proof that there are no others.
for_qemu() {
    sed "s/^<domain type='kvm'/<domain type='qemu'/; s/^  <cpu mode='host-passthrough'/  <cpu mode='maximum'/" "$1" >"$2"
    local other
    other=$(diff "$1" "$2" | grep '^[<>]' | grep -Ev "^[<>] *<(domain type|cpu mode)=" || true)
    [[ -z $other ]] || { echo "$1: more than type and mode was changed: $other"; return 1; }
}

"$matrix" write "$work/new"
new=("$work"/new/*.xml)
validates "${new[@]}"
printf '%s\n' "${new[@]}" | defines test_driver
echo "schema and test driver: ${#new[@]} domains taken"

for file in "${new[@]}"; do for_qemu "$file" "$work/qemu/$(basename "$file")"; done
printf '%s\n' "$work"/qemu/*.xml | defines embedded
echo "real QEMU driver: ${#new[@]} domains taken"

# libvirt's definitions contain everything that was written, and patching them adds nothing.
for file in "${new[@]}"; do echo "echo @$(basename "$file"); dumpxml --inactive $(basename "$file" .xml);"; done |
    tr '\n' ' ' >"$work/commands"
embedded "$(<"$work/commands")" |
    awk -v folder="$work/dumps/" '/^@/ { file = folder substr($0, 2); next } { print > file }'
"$matrix" same "$work/dumps"
echo "as libvirt wrote them: nothing to change"

# write_example HOST NAME OPTION...
write_example() {
    local host=$1 name
    name=$(basename "$1" .host)-$2
    shift 2
    "$gpupass" -q --root "$host" xml "$name" "$@" >"$work/examples/$name.xml"
    for_qemu "$work/examples/$name.xml" "$work/qemu/$name.xml"
}

if [[ -n $gpupass ]]; then
    # Every number of GPUs of each host, with every policy, and rare options.
    for host in "$here"/../../examples/hosts/*.host; do
        gpus=$("$gpupass" -q --root "$host" list | grep -c ' yes *$')
        for ((count = 1; count <= gpus; ++count)); do
            write_example "$host" "$count-required" --gpus $count
            write_example "$host" "$count-preferred" --gpus $count --numa preferred --firmware bios --hugepages off
            write_example "$host" "$count-windows" --gpus $count --vcpus $((8 * count + 1)) --memory $((6 * count))G \
                --numa preferred --guest windows --tpm --secure-boot --hide-hypervisor --disk /images/a.qcow2
        done
    done
    write_example "$here/../field/384-cpus.host" many --gpus 2 --vcpus 288 --memory 64G --hugepages off
    examples=("$work"/examples/*.xml)
    validates "${examples[@]}"
    printf '%s\n' "${examples[@]}" | defines test_driver
    printf '%s\n' "${examples[@]/#"$work/examples"/$work/qemu}" | defines embedded
    echo "example hosts: ${#examples[@]} domains taken"
fi

# buses FILE: the buses of the devices in QEMU's arguments. libvirt writes arguments only for nodes that this machine
# has.
buses() {
    sed "s/nodeset='[0-9-]*'/nodeset='0'/" "$1" >"$work/native.xml"
    embedded domxml-to-native qemu-argv "$work/native.xml" >"$work/arguments"
    "$here"/arguments.py "$work/arguments"
}

# Each card is below the expander of its cell, and every other device below the root bus.
"$matrix" arguments "$work"
for_qemu "$work/arguments.xml" "$work/qemu/arguments.xml"
buses "$work/qemu/arguments.xml" >"$work/buses"
diff "$here/buses.txt" "$work/buses"
echo "QEMU's arguments: devices on the buses of their cells"

bases=("$here"/base/*.xml "$here"/../lab/guest/base.xml)
for how in patch spread; do
    mkdir "$work/qemu/$how"
    "$matrix" $how "$work/qemu/$how" "${bases[@]}"
    patched=("${bases[@]##*/}")
    patched=("${patched[@]/#/$work/qemu/$how/}")
    validates "${patched[@]}"
    sed "s/<name>/&$how-/" -i "${patched[@]}"
    printf '%s\n' "${patched[@]}" | defines embedded
    buses "$work/qemu/$how/waiting.xml" >"$work/buses"
    grep -q '^virtio-rng-pci: cell -1' "$work/buses"
    astray=$(grep -Ev '^[0-9a-f]{4}:|^expander|: keeps|: cell -1' "$work/buses" || true)
    [[ -z $astray ]] || { echo "waiting.xml, $how: below an expander: $astray"; exit 1; }
done
echo "definitions to patch: ${#bases[@]} taken by the real QEMU driver, over one cell and over two"

shared=${GPUPASS_SHARED_HOSTS:-$here/../../../shared/hosts}
if [[ -d $shared/domain-xml ]]; then
    mapfile -t bases < <(find "$shared/domain-xml" -name '*.xml' | sort)
    for how in patch spread; do
        mkdir "$work/patched/$how"
        "$matrix" $how "$work/patched/$how" "${bases[@]}"
        taken=0
        for base in "${bases[@]}"; do
            validates "$base" >/dev/null || continue
            validates "$work/patched/$how/$(basename "$base")"
            defines test_driver <<<"$work/patched/$how/$(basename "$base")"
            taken=$((taken + 1))
        done
        ((taken >= 12)) || { echo "users' definitions, $how: only $taken valid before and after"; exit 1; }
        echo "users' definitions, $how: $taken of ${#bases[@]} valid before and after"
    done
    # With the program: devices of other hosts are kept, with a note, and a second patch changes nothing.
    for base in ${gpupass:+"${bases[@]}"}; do
        host=("$gpupass" -q --root "$here/../../examples/hosts/8gpu-2socket.host" xml patched)
        "${host[@]}" --gpus 2 --base "$base" >"$work/once.xml" 2>"$work/notes"
        "${host[@]}" --base "$work/once.xml" --diff >"$work/twice" 2>/dev/null
        [[ ! -s $work/twice ]] || { echo "$base: patched twice: $(<"$work/twice")"; exit 1; }
        ! validates "$base" >/dev/null || validates "$work/once.xml"
    done
else
    echo "users' definitions: not here"
fi
