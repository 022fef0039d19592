# Sourced by the tests of the command line: runs gpupass and compares.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034  # status is read by the tests
set -u
gpupass=${GPUPASS:?the gpupass to test}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
unset GPUPASS_ROOT LIBVIRT_DEFAULT_URI
export LC_ALL=C.UTF-8
export GPUPASS_DEADLINE=300 # a busy machine is no reason to fail

# run ARGUMENT...: sets $status, and saves the output in $work/out and $work/err.
run() {
    status=0
    "$gpupass" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

fail() {
    echo "FAILED: $*"
    sed 's/^/  stdout: /' "$work/out"
    sed 's/^/  stderr: /' "$work/err"
    failures=$((failures + 1))
}

# exits STATUS ARGUMENT...
exits() {
    local expected=$1
    shift
    run "$@"
    [[ $status == "$expected" ]] || fail "gpupass $*: exit status $status, expected $expected"
}

# prints FILE PATTERN: an extended regular expression in out or err of the last run.
prints() { grep -qE -- "$2" "$work/$1" || fail "no /$2/ in $1"; }
prints_nothing() { [[ ! -s $work/$1 ]] || fail "something in $1"; }

finish() {
    ((failures == 0)) || exit 1
    echo "all as expected"
}

# make_function ADDRESS VENDOR DEVICE CLASS [DRIVER [GROUP]]: a function on bus 0000:60 in the tree $work/root.
make_function() {
    local root=$work/root device=$work/root/sys/devices/pci0000:60/$1
    mkdir -p "$device" "$root/sys/bus/pci/devices"
    ln -s "../../../devices/pci0000:60/$1" "$root/sys/bus/pci/devices/$1"
    echo "0x$2" >"$device/vendor"
    echo "0x$3" >"$device/device"
    echo "0x$4" >"$device/class"
    echo 0 >"$device/numa_node"
    echo '(null)' >"$device/driver_override"
    [[ $4 != 0300* ]] || echo 0 >"$device/boot_vga"
    if [[ ${5-} ]]; then
        mkdir -p "$root/sys/bus/pci/drivers/$5"
        ln -s "../../../bus/pci/drivers/$5" "$device/driver"
    fi
    if [[ ${6-} ]]; then
        mkdir -p "$root/sys/kernel/iommu_groups/$6/devices"
        ln -s "../../../kernel/iommu_groups/$6" "$device/iommu_group"
        ln -s "../../../../devices/pci0000:60/$1" "$root/sys/kernel/iommu_groups/$6/devices/$1"
    fi
}

# on_vfio ADDRESS: the capture on stdin, with this function on vfio-pci.
on_vfio() {
    awk -v here="[/sys/bus/pci/devices/$1]" '/^\[/ { within = $0 == here }
        within && /^driver ->/ { sub(/[^\/]*$/, "vfio-pci") }
        within && /^driver_override =/ { $0 = "driver_override = vfio-pci" }
        { print }'
}

# A host with a console, an assignable GPU, and a GPU that shares its group with a disk.
make_host() {
    make_function 0000:60:01.0 1a03 2000 030000 ast 1
    make_function 0000:60:05.0 10de 2330 030200 nvidia 5
    make_function 0000:60:06.0 10de 2330 030200 nvidia 6
    make_function 0000:60:07.0 144d a80a 010802 nvme 6
    mkdir -p "$work/root/sys/class/iommu/dmar0" "$work/root/sys/bus/pci/drivers/vfio-pci"
    echo 1 >"$work/root/sys/devices/pci0000:60/0000:60:01.0/boot_vga"
}
