#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Definitions made from another guest's, and their differences. No secret is shown or lost.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
captured=$(realpath "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host")
chmod 755 "$work"
cat >"$work/old.xml" <<'END'
<domain type='qemu'>
  <name>old</name>
  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
  <memory unit='GiB'>4</memory>
  <vcpu>3</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <interface type='user'>
      <mac address='52:54:00:12:34:56'/>
    </interface>
    <graphics type='vnc' port='-1' passwd='hunter2'/>
  </devices>
</domain>
END
(echo '<node>'; cat "$work/old.xml"; echo '</node>') >"$work/node.xml"
host=(--root "$captured" -c "test://$work/node.xml")
ours=(--virt-type qemu)

shows_no_secret() { ! grep -rq hunter2 "$work/out" "$work/err" || fail "a secret is shown"; }

# --- a copy does not share unique values, and keeps everything else
exits 0 "${host[@]}" xml new --from old "${ours[@]}"
prints out '<name>new</name>'
prints out "^  <vcpu.*>3</vcpu>"
prints out "<memory unit='KiB'>4194304<"
prints out "<graphics type='vnc'.* passwd='\*\*\*\*'"
prints err 'secrets are shown as \*\*\*\*'
! grep -qE '<uuid|52:54:00:12:34:56' "$work/out" || fail "uuid or MAC address of the other guest"
shows_no_secret
exits 0 -q "${host[@]}" xml old --from old "${ours[@]}"
prints out '<uuid>c7a5fdbd-'
prints out '52:54:00:12:34:56'
prints_nothing err
cp "$work/out" "$work/xml"
exits 0 "${host[@]}" --json xml old --from old "${ours[@]}"
diff <(jq -r .xml "$work/out") <(cat "$work/xml"; echo) || fail "JSON has another definition"
for words in '' --json; do
    # shellcheck disable=SC2086
    exits 0 "${host[@]}" -n define new --from old "${ours[@]}" $words
    shows_no_secret
done
# --- GPUs, devices and the type stay; a copy has the same number of other GPUs
exits 0 -q --root "$captured" xml two --gpu 0000:19:00.0 --gpu 0000:9a:00.0 --virt-type qemu --disk /srv/a.qcow2
cp "$work/out" "$work/two.xml"
exits 0 -q --root "$captured" xml two --base "$work/two.xml" --diff
prints_nothing out
(echo '<node>'; cat "$work/two.xml"; echo '</node>') >"$work/two-node.xml"
exits 0 --root "$captured" -c "test://$work/two-node.xml" xml three --from two
[[ $(grep -c '<gpupass:gpu ' "$work/out") == 2 ]] || fail "another number of GPUs"
! grep -q "address='0000:19:00.0'" "$work/out" || fail "a GPU of the other guest"
prints out "<domain type='qemu'"
prints err "note: /srv/a.qcow2 is also a disk of two"
exits 1 "${host[@]}" xml new --from nobody
prints err "no domain 'nobody'"
exits 2 "${host[@]}" xml new --from old --base "$work/old.xml"
exits 2 "${host[@]}" define new --from old --base "$work/old.xml"

# --- differences
exits 0 -q "${host[@]}" xml old --from old --diff "${ours[@]}"
prints out '^--- old$'
prints out '^\+\+\+ old$'
shows_no_secret
exits 0 -q "${host[@]}" --json xml old --from old --diff "${ours[@]}"
jq -e '.format == 1 and (.diff | startswith("--- old\n+++ old\n@@ "))' "$work/out" >/dev/null || fail "JSON of a difference"
exits 0 -q "${host[@]}" xml old --base "$work/old.xml" --diff "${ours[@]}"
prints out "^--- $work/old.xml$"
prints out "^ .*passwd='\*\*\*\*'"
shows_no_secret
cp "$work/out" "$work/diff"
exits 0 -q "${host[@]}" xml old --base "$work/old.xml" "${ours[@]}"
# The diff turns one definition into the other; afterwards there is no difference.
if command -v patch >/dev/null; then
    sed 's/hunter2/****/' "$work/old.xml" >"$work/patched.xml"
    patch --quiet --fuzz=0 "$work/patched.xml" "$work/diff" || fail "patch does not take it"
    diff <(sed 's/hunter2/****/' "$work/out") "$work/patched.xml" || fail "the patched definition is another one"
fi
cp "$work/out" "$work/made.xml"
exits 0 -q "${host[@]}" xml old --base "$work/made.xml" --diff "${ours[@]}"
prints_nothing out
exits 0 -q "${host[@]}" --json xml old --base "$work/made.xml" --diff "${ours[@]}"
jq -e '.diff == ""' "$work/out" >/dev/null || fail "JSON of no difference"
exits 2 "${host[@]}" xml old --diff
exits 2 "${host[@]}" define old --from old --diff

# --- from a capture: no libvirt is queried
(cat "$captured"; printf '[domain old]\nstate = persistent\nconfig =\n'; sed 's/^/| /' "$work/old.xml") >"$work/made.host"
exits 0 -q --root "$work/made.host" xml new --from old
prints out '<name>new</name>'
shows_no_secret

# --- wrong definitions that libvirt accepts
sed "s|</devices>|<controller type='pci' index='1' model='pcie-expander-bus'><target busNr='9'/></controller><controller \
type='pci' index='2' model='pcie-expander-bus'><target busNr='9'/></controller></devices>|" "$work/old.xml" >"$work/clash.xml"
for verb in xml define; do
    replace=()
    [[ $verb == xml ]] || replace=(--replace)
    exits 3 -q "${host[@]}" "$verb" old --base "$work/clash.xml" "${ours[@]}" "${replace[@]}"
    prints err 'cannot write the definition of old: .*bus number, 9 \[domain\.bus-clash\]'
    prints_nothing out
done

# --- libvirt gets the password: libvirt's embedded QEMU driver, as an unprivileged user
embedded() {
    local -a as=(env)
    ((EUID != 0)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    HOME=$work/home XDG_RUNTIME_DIR=$work/home XDG_CACHE_HOME=$work/home "${as[@]}" "$@"
}
if command -v virsh >/dev/null && command -v qemu-system-x86_64 >/dev/null && command -v setpriv >/dev/null; then
    mkdir "$work/home"
    ((EUID != 0)) || chown 65534 "$work/home"
    uri="qemu:///embed?root=$work/home"
    embedded virsh -q -c "$uri" define "$work/old.xml" >"$work/out" 2>"$work/err" || fail "virsh define"
    for name in old new; do
        embedded "$gpupass" -q --root "$captured" -c "$uri" define "$name" --from old "${ours[@]}" >"$work/out" 2>"$work/err" ||
            fail "define $name --from old"
        shows_no_secret
        embedded virsh -q -c "$uri" dumpxml --security-info "$name" >"$work/out" 2>"$work/err"
        prints out "passwd='hunter2'"
        prints out "<hostdev mode='subsystem' type='pci'"
        : >"$work/out"
    done
fi

finish
