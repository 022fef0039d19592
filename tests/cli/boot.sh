#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Boot bindings: plans, refusals and messages.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
make_host
host=(--root "$work/root")
hook=/usr/share/initramfs-tools/hooks/gpupass
file=/etc/gpupass/boot-bindings
for function in "$work"/root/sys/bus/pci/devices/*/; do
    echo 0x10de >"$function/subsystem_vendor"
    echo 0x16c1 >"$function/subsystem_device"
done

# --- no tool builds boot images
exits 3 "${host[@]}" -n bind --persist 60:05.0
prints err 'neither initramfs-tools nor dracut'

tool=$work/root/usr/share/initramfs-tools
mkdir -p "$tool/hooks" "$work/root/boot" "$work/root/lib/modules/6.1.0-18-amd64"
touch "$tool/hook-functions" "$work/root/boot/initrd.img-6.1.0-18-amd64"
exits 3 "${host[@]}" -n bind --persist 60:05.0
prints err 'saw no hook of gpupass at /usr/share/gpupass/boot/entries\.sh'
prints err '^  gpupass boot install$'

# --- gpupass boot installs the hooks
exits 2 "${host[@]}" -n boot
exits 2 "${host[@]}" -n boot update
prints err 'expected install or remove'
exits 0 "${host[@]}" -n boot remove
prints out '^nothing to do'
exits 0 -v "${host[@]}" -n boot install
prints out "install $hook"
prints out "undo: remove $hook"
# The program has the files of the source tree.
mkdir -p "$tool/scripts/init-top" "$work/root/usr/share/gpupass/boot"
source_of() { case $1 in */init-top/gpupass) echo bind-early.sh ;; */hooks/gpupass) echo initramfs-hook ;; *) echo entries.sh ;; esac; }
for path in usr/share/initramfs-tools/hooks/gpupass usr/share/initramfs-tools/scripts/init-top/gpupass usr/share/gpupass/boot/entries.sh; do
    cp "$(dirname "$0")/../../tools/boot/$(source_of "$path")" "$work/root/$path"
done
exits 0 "${host[@]}" -n boot install
prints out '^nothing to do'
echo changed >"$work/root$hook"
exits 0 "${host[@]}" -n boot install
prints out "replace $hook"
exits 0 "${host[@]}" -n boot remove
prints out "remove $hook"

# --- the plan names every path
exits 0 -v "${host[@]}" -n bind --persist 60:05.0
prints out 'bind 0000:60:05\.0 to vfio-pci on every boot'
prints out "$file is written, and mkinitramfs rebuilds /boot/initrd.img-6\.1\.0-18-amd64"
prints out "undo: bind nothing at boot: remove $file, build /boot/initrd.img-6\.1\.0-18-amd64"
prints out 'note: from the next boot on'
exits 0 "${host[@]}" -n --json bind --persist 60:05.0
jq -e '.plan.steps[-1].change | .kind == "boot" and .tool == "initramfs-tools"
    and .bindings == [{address: "0000:60:05.0", vendor_id: "10de", device_id: "2330", subsystem_vendor_id: "10de",
                       subsystem_device_id: "16c1", serial: null}]
    and .images == [{kernel: "6.1.0-18-amd64", path: "/boot/initrd.img-6.1.0-18-amd64"}]' "$work/out" >/dev/null ||
    fail "the plan's JSON"
exits 3 "${host[@]}" -n bind --persist 60:01.0
prints err 'the display that the firmware started on'
exits 2 "${host[@]}" bind --persist 60:05.0
prints err 'dry-run'
[[ ! -e $work/root/etc ]] || fail "something was written"

# --- with a list
exits 0 "${host[@]}" -n release --persist 60:05.0
prints out '^nothing to do'
mkdir -p "$work/root/etc/gpupass"
printf 'format 1\n0000:60:05.0 10de:2330 10de:16c1\n0000:99:00.0 10de:2330 10de:16c1\n' >"$work/root$file"
exits 0 "${host[@]}" show 60:05.0
prints out 'at boot +bound to vfio-pci'
exits 0 "${host[@]}" --json show 60:05.0
jq -e '.gpus[0].boot_binding | .same_device == "yes" and .device_id == "2330"' "$work/out" >/dev/null || fail "show --json"
exits 0 "${host[@]}" --json check 60:05.0
jq -e '[.findings[] | select(.id | startswith("gpu.boot-binding")) | .id + " " + .subject + " " + .verdict]
    == ["gpu.boot-binding 0000:60:05.0 pass", "gpu.boot-binding-stale 0000:99:00.0 warn"]' "$work/out" >/dev/null ||
    fail "check --json"
exits 3 "${host[@]}" -n boot remove
prints err 'is bound at boot'
mv "$work/root$hook" "$work/hook"
exits 0 "${host[@]}" check 60:05.0
prints out "$hook is missing: the next boot image will bind no GPU"
mv "$work/hook" "$work/root$hook"
exits 0 "${host[@]}" -n release --persist 60:05.0
prints out 'no longer bind 0000:60:05\.0 at boot'
prints out "$file is written"
exits 0 "${host[@]}" -n release --persist 0000:99:00.0 60:05.0
prints out "$file is removed"
exits 1 "${host[@]}" -n release 0000:99:00.0
exits 1 "${host[@]}" -n release --persist 0000:98:00.0
# A card that cannot be bound is reported, and the others are bound.
exits 3 "${host[@]}" -n bind --at-boot
prints out 'bind 0000:60:05\.0 to vfio-pci'
prints err '0000:99:00\.0 was to be bound at boot as 10de:2330 \(subsystem 10de:16c1\), and nothing is there'
exits 2 "${host[@]}" -n bind --at-boot 60:05.0
exits 2 "${host[@]}" -n bind --at-boot --persist

# --- a damaged list is not overwritten
echo '$(reboot)' >>"$work/root$file"
exits 3 "${host[@]}" -n bind --persist 60:05.0
prints err 'cannot read /etc/gpupass/boot-bindings: saw "\$\(reboot\)"'
exits 0 -v "${host[@]}" list
prints err 'what is bound at boot'

# --- recovery in two phases
exits 2 "${host[@]}" -n recover --devices --guests
exits 0 "${host[@]}" -n recover --devices
prints out '^nothing to recover'
exits 0 "${host[@]}" -n recover --guests

finish
