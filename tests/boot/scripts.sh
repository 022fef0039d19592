#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The scripts of the boot image, on a sysfs of plain files, with each shell that a boot image may have.
# shellcheck disable=SC2016  # the single quotes are intended
set -u
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAILED ($shell): $*"
    sed 's/^/  log: /' "$work/kmsg"
    failures=$((failures + 1))
}
logged() { grep -qF -- "$1" "$work/kmsg" || fail "the log does not say: $1"; }

# Like the kernel: a loaded driver binds the free devices whose override names it.
mkdir "$work/bin"
cat >"$work/bin/modprobe" <<END
#!/bin/sh
echo "modprobe \$*" >>"$work/calls"
mkdir -p "$work/sys/bus/pci/drivers/vfio-pci"
[ ! -e "$work/no-iommu" ] || exit 0
for device in "$work"/sys/bus/pci/devices/*; do
    [ ! -e "\$device/driver" ] && [ "\$(cat "\$device/driver_override")" = vfio-pci ] || continue
    ln -s "$work/sys/bus/pci/drivers/vfio-pci" "\$device/driver"
    ln -s "\$device" "$work/sys/bus/pci/drivers/vfio-pci/\${device##*/}"
done
END
chmod +x "$work/bin/modprobe"

# device ADDRESS VENDOR DEVICE SUBVENDOR SUBDEVICE [DRIVER]
device() {
    local folder=$work/sys/bus/pci/devices/$1
    mkdir -p "$folder"
    echo "0x$2" >"$folder/vendor"
    echo "0x$3" >"$folder/device"
    echo "0x$4" >"$folder/subsystem_vendor"
    echo "0x$5" >"$folder/subsystem_device"
    echo '(null)' >"$folder/driver_override"
    [[ ! ${6-} ]] || { mkdir -p "$work/sys/bus/pci/drivers/$6" && ln -s "$work/sys/bus/pci/drivers/$6" "$folder/driver"; }
}
override() { cat "$work/sys/bus/pci/devices/$1/driver_override"; }
is_on_vfio() { [[ $(readlink "$work/sys/bus/pci/devices/$1/driver") == */vfio-pci ]] || fail "$1 is not on vfio-pci"; }
is_untouched() {
    [[ $(override "$1") == '(null)' && ! $(readlink "$work/sys/bus/pci/devices/$1/driver") == */vfio-pci ]] || fail "$1 was touched"
}

# A new machine, and an image with these entries.
machine() {
    (cd "$work" && rm -rf sys etc no-iommu)
    : >"$work/kmsg"
    : >"$work/calls"
    mkdir -p "$work/sys/bus/pci" "$work/etc/gpupass/boot-bindings"
    : >"$work/sys/bus/pci/drivers_probe"
    local entry
    for entry; do : >"$work/etc/gpupass/boot-bindings/$entry"; done
}

boots() {
    sed "s|/sys/|$work/sys/|g; s|/etc/gpupass|$work/etc/gpupass|g; s|>/dev/kmsg|>>$work/kmsg|g;
        s|/sbin/modprobe|$work/bin/modprobe|" \
        "$source_dir/tools/boot/bind-early.sh" >"$work/script"
    # Run, as by initramfs-tools, and sourced, as by dracut: the caller's variables must not change.
    if [[ $1 == run ]]; then
        $shell "$work/script" >"$work/out" 2>&1
    else
        $shell -c "entry=mine address=mine value=mine; . $work/script; echo \$entry \$address \$value" >"$work/out" 2>&1
        [[ $(tail -n 1 "$work/out") == 'mine mine mine' ]] || fail "the caller's variables are changed"
    fi || fail "exit status $?"
    [[ $1 != run || ! -s $work/out ]] || fail "it prints: $(cat "$work/out")"
}

gpu=0000:65:00.0,10de:20b0,10de:145f audio=0000:65:00.1,10de:0001,10de:145f

binds_what_is_written_down() {
    machine "$gpu" "$audio"
    device 0000:65:00.0 10de 20b0 10de 145f
    device 0000:65:00.1 10de 0001 10de 145f
    device 0000:66:00.0 10de 20b0 10de 145f # Its twin.
    boots "$1"
    is_on_vfio 0000:65:00.0
    is_on_vfio 0000:65:00.1
    is_untouched 0000:66:00.0
    logged 'gpupass: 0000:65:00.0: bound to vfio-pci'
    [[ $(wc -l <"$work/calls") == 1 ]] || fail "more than one modprobe"
    boots "$1" # The second run changes nothing.
    [[ $(grep -c 'bound to' "$work/kmsg") == 2 ]] || fail "bound twice"
}

leaves_other_devices_alone() {
    local changed
    for changed in '10df 20b0 10de 145f' '10de 20b1 10de 145f' '10de 20b0 10df 145f' '10de 20b0 10de 1460'; do
        machine "$gpu"
        # shellcheck disable=SC2086
        device 0000:65:00.0 $changed
        boots "$1"
        is_untouched 0000:65:00.0
        logged 'gpupass: 0000:65:00.0: another device than 10de:20b0 is there: left alone'
        [[ ! -s $work/calls ]] || fail "vfio-pci is loaded for nothing"
    done
    machine "$gpu"
    boots "$1"
    logged 'gpupass: 0000:65:00.0: nothing is there, expected 10de:20b0'
}

never_unbinds() {
    machine "$gpu" "$audio"
    device 0000:65:00.0 10de 20b0 10de 145f nvidia
    device 0000:65:00.1 10de 0001 10de 145f
    boots "$1"
    is_untouched 0000:65:00.0
    is_on_vfio 0000:65:00.1
    logged 'gpupass: 0000:65:00.0: has a driver already: left alone'
}

respects_another_override() {
    machine "$gpu"
    device 0000:65:00.0 10de 20b0 10de 145f
    echo pci-stub >"$work/sys/bus/pci/devices/0000:65:00.0/driver_override"
    boots "$1"
    [[ $(override 0000:65:00.0) == pci-stub ]] || fail "the override is gone"
    logged 'is meant for driver pci-stub'
}

keeps_it_from_others_when_vfio_fails() {
    machine "$gpu"
    device 0000:65:00.0 10de 20b0 10de 145f
    touch "$work/no-iommu"
    boots "$1"
    [[ $(override 0000:65:00.0) == vfio-pci ]] || fail "the host's driver may take it"
    [[ $(cat "$work/sys/bus/pci/drivers_probe") == 0000:65:00.0 ]] || fail "it was not tried"
    logged 'vfio-pci did not take it, and no other driver can'
}

takes_nothing_else_for_a_binding() {
    local entry entries=('0000:65:00.0,10de:20b0' '0000:65:00.0,10de:20b0,10de:145f,x' '0000:65:00.0,10DE:20b0,10de:145f'
        '0000:65:00.0 ,10de:20b0,10de:145f' '0000:65:0x.0,10de:20b0,10de:145f' '000:65:00.0,10de:20b0,10de:145f' '$(reboot)' '0000:65:00.8,10de:20b0,10de:145f'
        '0000:65:00.0,10de:20b0,' '000000000:65:00.0,10de:20b0,10de:145f' ',,' '*' $'0000:65:00.0,10de:20b0,10de:145f\n')
    for entry in "${entries[@]}"; do
        machine "$entry"
        device 0000:65:00.0 10de 20b0 10de 145f
        boots "$1"
        is_untouched 0000:65:00.0
        logged 'is no binding: left out'
    done
    machine
    boots "$1"
    [[ ! -s $work/kmsg ]] || fail "something is said of nothing"
}

has_no_prerequisites() {
    machine "$gpu"
    device 0000:65:00.0 10de 20b0 10de 145f
    sed "s|/sys/|$work/sys/|g" "$source_dir/tools/boot/bind-early.sh" >"$work/script"
    [[ -z $($shell "$work/script" prereqs) ]] || fail "it has prerequisites"
    is_untouched 0000:65:00.0
}

makes_entries() {
    local folder=$work/entries
    rm -rf "$folder"
    printf 'format 1\n%s\n%s\n%s\n' '0000:65:00.0 10de:20b0 10de:145f 00112233aabbccdd' '0000:65:00.1 10de:0001 10de:145f slot=7' \
        '10001:01:1f.7 1002:744c 1002:0e3b' >"$work/file"
    $shell "$source_dir/tools/boot/entries.sh" "$folder" "$work/file" || fail "entries.sh: exit status $?"
    diff <(ls "$folder") - <<END || fail "other entries"
$gpu
$audio
10001:01:1f.7,1002:744c,1002:0e3b
END
    local line
    for line in '' '#' '0000:65:00.0 10de:20b0' '../../x 10de:20b0 10de:145f' '0000:65:00.0 10de:20b0 10de:145f 0011' \
        '0000:65:20.0 10de:20b0 10de:145f' '0000:65:00.0  10de:20b0 10de:145f' '$(reboot) 10de:20b0 10de:145f'; do
        rm -rf "$folder"
        printf 'format 1\n0000:65:00.0 10de:20b0 10de:145f\n%s\n' "$line" >"$work/file"
        ! $shell "$source_dir/tools/boot/entries.sh" "$folder" "$work/file" 2>/dev/null || fail "accepted: $line"
        [[ ! -e $folder ]] || fail "something was made of: $line"
    done
    printf 'format 2\n0000:65:00.0 10de:20b0 10de:145f\n' >"$work/file"
    ! $shell "$source_dir/tools/boot/entries.sh" "$folder" "$work/file" 2>/dev/null || fail "accepted: format 2"
}

for shell in dash bash 'busybox sh'; do
    command -v "${shell% sh}" >/dev/null || continue
    : >"$work/kmsg"
    for way in run source; do
        for test in binds_what_is_written_down leaves_other_devices_alone never_unbinds respects_another_override \
            keeps_it_from_others_when_vfio_fails takes_nothing_else_for_a_binding; do
            $test $way
        done
    done
    has_no_prerequisites
    makes_entries
done
((failures == 0)) || exit 1
echo "all as expected"
