#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in the boot image before udev loads the drivers of the host, and binds the functions recorded by gpupass bind
# --persist to vfio-pci. initramfs-tools runs it as scripts/init-top/gpupass; dracut sources it as a hook before udev.
#
# Each binding is the name of an empty file: ADDRESS,VENDOR:DEVICE,SUBSYSTEM_VENDOR:SUBSYSTEM_DEVICE. A device with
# other ids or with a driver is left alone; gpupass-boot.service checks it again. The kernel's log has each result.

# A subshell, so that the variables of the sourcing shell do not change.
gpupass_bind_early() (
    LC_ALL=C
    devices=/sys/bus/pci/devices wanted=

    say() { echo "gpupass: $*" >/dev/kmsg; }

    is_address() {
        domain=${1%:??:??.?}
        case $domain in *[!0-9a-f]*) return 1 ;; esac
        case ${#domain} in [4-8]) ;; *) return 1 ;; esac
        case ${1#"$domain"} in :[0-9a-f][0-9a-f]:[01][0-9a-f].[0-7]) ;; *) return 1 ;; esac
    }

    is_ids() {
        case $1 in
            [0-9a-f][0-9a-f][0-9a-f][0-9a-f]:[0-9a-f][0-9a-f][0-9a-f][0-9a-f]) ;;
            *) return 1 ;;
        esac
    }

    # value_of FILE: sets $value to the first line of the file.
    value_of() {
        value=
        [ ! -e "$1" ] || read -r value <"$1" || :
    }

    identity_of() {
        identity=
        for name in vendor device subsystem_vendor subsystem_device; do
            value_of "$1/$name"
            identity=$identity${value#0x},
        done
    }

    # Sets the driver override of one device to vfio-pci, so that no other driver can claim it.
    aim() {
        address=${1%%,*} ids=${1#*,}
        subsystem=${ids#*,} ids=${ids%%,*}
        if [ "$1" != "$address,$ids,$subsystem" ] || ! is_address "$address" || ! is_ids "$ids" || ! is_ids "$subsystem"; then
            say "$1 is no binding: left out"
            return
        fi
        device=$devices/$address
        [ -d "$device" ] || { say "$address: nothing is there, expected $ids"; return; }
        identity_of "$device"
        [ "$identity" = "${ids%:*},${ids#*:},${subsystem%:*},${subsystem#*:}," ] ||
            { say "$address: another device than $ids is there: left alone"; return; }
        [ ! -e "/sys/bus/pci/drivers/vfio-pci/$address" ] || return
        [ ! -e "$device/driver" ] || { say "$address: has a driver already: left alone"; return; }
        value_of "$device/driver_override"
        case $value in
            '' | '(null)' | vfio-pci) ;;
            *) say "$address: is meant for driver $value: left alone"; return ;;
        esac
        echo vfio-pci >"$device/driver_override" || { say "$address: cannot be aimed at vfio-pci"; return; }
        wanted="$wanted $address"
    }

    for entry in /etc/gpupass/boot-bindings/*; do
        [ ! -e "$entry" ] || aim "${entry##*/}"
    done
    [ -n "$wanted" ] || exit 0

    # By its path: some shells have a built-in modprobe.
    /sbin/modprobe vfio-pci || say "vfio-pci cannot be loaded"
    for address in $wanted; do
        [ -e "$devices/$address/driver" ] || echo "$address" >/sys/bus/pci/drivers_probe
        if [ -e "/sys/bus/pci/drivers/vfio-pci/$address" ]; then
            say "$address: bound to vfio-pci"
        else
            say "$address: vfio-pci did not take it, and no other driver can"
        fi
    done
)

case ${1-} in
    # No prerequisites: scripts without any run in the order of their names, before udev.
    prereqs) ;;
    *) gpupass_bind_early ;;
esac
