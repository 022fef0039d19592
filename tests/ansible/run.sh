#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Ansible collection, by the real ansible-playbook: on the example hosts, on a machine of its own where the program really
# changes /etc/gpupass and libvirt's hooks, and with a stand-in for answers that the program cannot be made to give here.
# Skipped where ansible-core is missing, or namespaces are not allowed.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$source_dir/tests/ansible
: "${GPUPASS:?the gpupass to test}"
for program in ansible-playbook ansible-doc; do
    command -v $program >/dev/null || { echo "skipped: $program is missing, it is in ansible-core"; exit 77; }
done

# --- a machine of its own: /etc, /run and /var/lib are empty but for what programs need to run
if [[ ! ${GPUPASS_APART-} ]]; then
    apart=(unshare --mount --pid --fork --kill-child --mount-proc --propagation private)
    ((EUID == 0)) || apart+=(--user --map-root-user)
    "${apart[@]}" true 2>/dev/null || { echo "skipped: no namespaces"; exit 77; }
    GPUPASS_APART=yes exec "${apart[@]}" "$0"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/etc" "$work/home" "$work/bin"
for file in passwd group nsswitch.conf ld.so.cache alternatives; do
    [[ ! -e /etc/$file ]] || cp -a "/etc/$file" "$work/etc/"
done
for folder in /etc /run /var/lib; do mount -t tmpfs -o mode=755 tmpfs $folder; done
cp -a "$work"/etc/. /etc/

export HOME=$work/home LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_INVENTORY_UNPARSED_WARNING=0
export ANSIBLE_COLLECTIONS_PATHS=$source_dir/tools/ansible ANSIBLE_PIPELINING=1
export GPUPASS_DEADLINE=300 PYTHONDONTWRITEBYTECODE=1
unset GPUPASS_ROOT LIBVIRT_DEFAULT_URI ANSIBLE_CONFIG
python=$(sed -n '1s/^#! *//p' "$(command -v ansible-playbook)") # The one that has Ansible.
export ANSIBLE_PYTHON_INTERPRETER=$python
GPUPASS=$(realpath "$GPUPASS")
ln -s "$GPUPASS" "$work/bin/gpupass"
PATH=$work/bin:$PATH
failures=0
fail() {
    echo "FAILED: $*"
    sed 's/^/  /' "$work/out"
    failures=$((failures + 1))
}
# play STATUS PLAYBOOK [OPTION...]: what it prints is in $work/out.
play() {
    local expected=$1 status=0
    shift
    ansible-playbook -i localhost, -c local -e "source_dir=$source_dir work=$work" "$@" >"$work/out" 2>&1 </dev/null || status=$?
    [[ $status == "$expected" ]] || fail "ansible-playbook $*: exit status $status, expected $expected"
}
prints() { grep -qE -- "$1" "$work/out" || fail "no /$1/"; }
changed() { prints "changed=$1 +unreachable=0 +failed=0"; }

# --- the documentation says what the modules take, and Ansible can show it
"$python" "$here/documented.py" "$source_dir" >"$work/out" 2>&1 || fail "the documentation"
if command -v mypy >/dev/null; then
    (cd "$source_dir/tools/ansible" && mypy --strict --ignore-missing-imports --cache-dir=/dev/null --namespace-packages \
        --explicit-package-bases ansible_collections/gpupass/gpupass/plugins) >"$work/out" 2>&1 || fail "mypy"
fi

# --- the facts are what the program says
play 0 "$here/facts.yml"
changed 0

# --- the declared state
cat >"$work/node.toml" <<'END'
[host]
reserve_cpus = "0"
[defaults]
hugepages = "1G"
END
declared=(-e "declared_file=$work/node.toml")
play 0 "$here/state.yml" "${declared[@]}" --check --diff
changed 1
prints '^\+ .*"reserved_cpus": "0"'
prints '^ 1\. record names, reserved CPUs and defaults'
[[ ! -e /etc/gpupass && ! -e /var/lib/gpupass ]] || fail "check mode has written something"
play 2 "$source_dir/examples/ansible/drift.yml" "${declared[@]}" -e as_root=false
play 0 "$here/state.yml" "${declared[@]}" --diff
changed 1
prints '^\+ .*"reserved_cpus": "0"'
gpupass assert "$work/node.toml" >"$work/out" 2>&1 || fail "the host is not as declared"
sum=$(sha256sum /etc/gpupass/settings)
for mode in "" --check; do
    # shellcheck disable=SC2086
    play 0 "$here/state.yml" "${declared[@]}" --diff $mode
    changed 0
    ! grep -q '^[-+] ' "$work/out" || fail "a difference where there is none"
done
play 0 "$source_dir/examples/ansible/drift.yml" "${declared[@]}" -e as_root=false
[[ $(sha256sum /etc/gpupass/settings) == "$sum" ]] || fail "the second run has written"

# --- what goes wrong
printf '[host]\nreserve_cpu = "0"\n' >"$work/wrong.toml"
play 0 "$here/failures.yml"
changed 0

# --- another gpupass holds the lock: it goes on once that is released
cat >"$work/patient" <<END
#!/bin/bash
# The program, with notes of what it was asked. Another one has the lock until it was asked twice to change something.
echo "\$*" >>"$work/asked"
"$GPUPASS" "\$@"
status=\$?
if [[ \$(grep -c -e --yes "$work/asked") == 2 ]]; then
    touch "$work/release"
    flock /run/gpupass/locks/boot true
fi
exit \$status
END
chmod +x "$work/patient"
flock /run/gpupass/locks/boot bash -c "touch $work/held; until [[ -e $work/release ]]; do sleep 0.1; done" &
until [[ -e $work/held ]]; do sleep 0.1; done
play 0 "$here/busy.yml"
touch "$work/release"
changed 1
wait
[[ $(grep -c -e --yes "$work/asked") == 3 ]] || fail "it was asked $(grep -c -e --yes "$work/asked") times, not 3 times"

# --- the preparation of a host
play 0 "$here/host.yml" --check --diff
changed 2
[[ ! -e /etc/libvirt && ! -e $work/prepared ]] || fail "check mode has written something"
play 0 "$here/host.yml" --diff
changed 2
prints '^\+ .*"#!/bin/sh"'
[[ -x /etc/libvirt/hooks/qemu.d/50-gpupass ]] || fail "no hook"
[[ $(cat "$work/prepared") == "--fix=iommu.active --fix=kvm" ]] || fail "not asked to prepare what was named"
play 0 "$here/host.yml"
changed 0
play 0 "$here/host.yml" -e '{"prepare": "absent", "hook": false}'
changed 2
[[ ! -e /etc/libvirt/hooks/qemu.d/50-gpupass && ! -e $work/prepared ]] || fail "it is not as before"

# --- what the program may answer besides
play 0 "$here/answers.yml"
changed 1

# --- the examples
"$python" "$here/first_boot.py" "$source_dir/examples" >"$work/out" 2>&1 || fail "the examples for the first boot"
if command -v cloud-init >/dev/null; then
    cloud-init schema -c "$source_dir/examples/cloud-init.yaml" >"$work/out" 2>&1 || fail "examples/cloud-init.yaml"
fi
if command -v ksvalidator >/dev/null; then
    ksvalidator -v RHEL9 "$source_dir/examples/kickstart.ks" >"$work/out" 2>&1 || fail "examples/kickstart.ks"
fi
play 0 "$source_dir/examples/ansible/facts.yml" -e as_root=false
play 0 "$source_dir/examples/ansible/node.yml" --syntax-check

((failures == 0)) || exit 1
echo "all as expected"
