#!/bin/bash
# A card with a GPU, a disk, a network card and the only keyboard. The host keeps the devices that it needs, until they
# are named. Also services that have a GPU open.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 disk=0000:21:00.1 net=0000:21:00.2 usb=0000:21:00.3
gpu2=0000:41:00.0 sliced=0000:42:00.0
PATH=$PATH:/usr/sbin:/sbin
ip() { busybox ip "$@"; }

# The findings of check, whether or not it fails.
findings() { gpupass check "$gpu" "$gpu2" "$sliced" --json || (($? == 3)); }

# refused_by ID COMMAND...: the command is refused, and check names the reason.
refused_by() {
    local id=$1
    shift
    findings >/tmp/check.json
    jq -e --arg id "$id" 'any(.findings[]; .id == $id and .verdict == "fail" and .remedy != null)' /tmp/check.json
    exits 3 "$@"
    exits 3 "$@" --dry-run
}
not_found() { findings | jq -e --arg id "$1" 'all(.findings[]; .id != $id)'; }

force_all() { gpupass bind "$gpu" --force "$usb" --force "$net" --force "$disk" "$@"; }

disk_name() { basename "/sys/bus/pci/devices/$disk"/nvme/nvme*/nvme*n1; }
net_name() { basename "/sys/bus/pci/devices/$net"/net/*; }

mounted() {
    mke2fs -q "/dev/$(disk_name)"
    mount "/dev/$(disk_name)" /mnt
    refused_by device.disk-in-use force_all
    umount /mnt
    not_found device.disk-in-use
}

swapped() {
    mkswap "/dev/$(disk_name)" && swapon "/dev/$(disk_name)"
    refused_by device.disk-in-use force_all
    swapoff "/dev/$(disk_name)"
    not_found device.disk-in-use
}

wanted() {
    mke2fs -q -F -U 0a1b2c3d-0000-4000-8000-000000000001 "/dev/$(disk_name)"
    udevadm trigger --settle "/sys/class/block/$(disk_name)"
    echo "UUID=0a1b2c3d-0000-4000-8000-000000000001 /mnt ext4 noauto 0 0" >/etc/fstab
    refused_by device.disk-wanted gpupass bind "$gpu" --force "$usb" --force "$net"
    : >/etc/fstab
    not_found device.disk-wanted
}

network_up() {
    ip link set "$(net_name)" up
    refused_by device.network-up gpupass bind "$gpu" --force "$usb" --force "$disk"
}

default_route() {
    ip address add 192.0.2.2/24 dev "$(net_name)"
    ip route add default via 192.0.2.1
    refused_by device.default-route gpupass bind "$gpu" --force "$usb" --force "$disk"
    not_found device.network-up
}

# The bridge above the interface has the route.
default_route_of_a_bridge() {
    ip route del default
    ip address del 192.0.2.2/24 dev "$(net_name)"
    ip link add br0 type bridge
    ip link set "$(net_name)" master br0
    ip link set br0 up
    ip address add 192.0.2.2/24 dev br0
    ip route add default via 192.0.2.1
    refused_by device.default-route gpupass bind "$gpu" --force "$usb" --force "$disk"
    ip link del br0
    ip link set "$(net_name)" down
    not_found device.default-route
}

last_keyboard() {
    refused_by device.last-keyboard gpupass bind "$gpu" --force "$net" --force "$disk"
}

# The kernel does not allow D3cold for emulated devices, so the test does.
takes_what_is_named() {
    echo 1 >"/sys/bus/pci/devices/$gpu/d3cold_allowed"
    force_all
    on_driver vfio-pci "$gpu" "$disk" "$net" "$usb"
    [[ $(cat "/sys/bus/pci/devices/$gpu/d3cold_allowed") == 0 ]]
    gpupass release "$gpu"
    [[ $(cat "/sys/bus/pci/devices/$gpu/d3cold_allowed") == 1 ]]
    echo 0 >"/sys/bus/pci/devices/$gpu/d3cold_allowed"
    same_state
}

virtual_functions() {
    echo 2 >"/sys/bus/pci/devices/$sliced/sriov_numvfs"
    refused_by gpu.has-vfs gpupass bind "$sliced" --force "$sliced"
    echo 0 >"/sys/bus/pci/devices/$sliced/sriov_numvfs"
    not_found gpu.has-vfs
}

watched() {
    start_exporter
    eventually 60 is_watched # the exporter must open the GPUs first
    gpupass -n bind "$gpu2" | tee /tmp/plan
    grep 'stop dcgm-exporter.service' /tmp/plan
    gpupass bind "$gpu2"
    on_driver vfio-pci "$gpu2"
    systemctl is-active dcgm-exporter
    gpupass release "$gpu2"
}

is_watched() { findings | grep 'bind stops it temporarily'; }

# An unknown service must be named, and is started again even if the bind fails.
named_service() {
    systemctl stop dcgm-exporter
    mv /run/systemd/system/dcgm-exporter.service /run/systemd/system/own-monitor.service
    systemctl daemon-reload
    systemctl start own-monitor
    eventually 60 refused_by gpu.in-use gpupass bind "$gpu2"
    gpupass bind "$gpu2" --stop own-monitor.service
    on_driver vfio-pci "$gpu2"
    systemctl is-active own-monitor
    systemctl stop own-monitor
    gpupass release "$gpu2"
}

# The GPU alone is on vfio-pci, by hand. libvirt starts QEMU, and QEMU fails.
split_group() {
    local group definition=(--gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios)
    group=$(basename "$(readlink "/sys/bus/pci/devices/$gpu/iommu_group")")
    modprobe vfio-pci
    moves_by_hand vfio-pci
    sed "s/guest1/split/; s|</devices>|<hostdev mode='subsystem' type='pci' managed='no'><source>\
        <address domain='0' bus='0x21' slot='0' function='0'/></source></hostdev>&|" /share/base.xml >/tmp/split.xml
    virsh define /tmp/split.xml

    exits 3 gpupass check "$gpu" | tee /tmp/check
    grep "no guest can start with it: $disk .*driver nvme.*$net .*$usb .*gpu.partial" /tmp/check
    grep "gpupass bind $gpu moves the rest" /tmp/check
    exits 3 gpupass check --domain split | tee /tmp/check
    grep "IOMMU group $group is not viable: .*$disk .*driver nvme.*domain.group-split" /tmp/check >/tmp/viable
    grep -A 1 domain.group-split /tmp/check | grep "gpupass bind $gpu$"
    exits 3 gpupass define other "${definition[@]}"
    exits 3 gpupass define other "${definition[@]}" --start 2>&1 | tee /tmp/refusal
    grep "without $usb the host has no keyboard left" /tmp/refusal
    grep -e "--force $usb" /tmp/refusal
    gpupass -n define other "${definition[@]}" --force "$usb" | tee /tmp/plan
    grep "$disk .*driver nvme.*; before other starts: gpupass bind $gpu" /tmp/plan

    exits 1 virsh start split 2>/tmp/error
    grep "group $group is not viable" /tmp/error >>/tmp/viable
    notes /tmp/viable
    virsh undefine split
    moves_by_hand ''
    on_driver bochs-drm "$gpu"
}
moves_by_hand() {
    echo "$1" >"/sys/bus/pci/devices/$gpu/driver_override"
    echo "$gpu" >"/sys/bus/pci/devices/$gpu/driver/unbind"
    echo "$gpu" >/sys/bus/pci/drivers_probe
}

claimed() {
    mkdir -p /etc/driverctl.d
    echo vfio-pci >/etc/driverctl.d/pci-$gpu2
    findings | jq -e '.findings[] | select(.id == "device.claimed") | .verdict == "warn"'
    rm /etc/driverctl.d/pci-$gpu2
}

# The console moves to the first framebuffer that appears after the old one is removed.
console() {
    local device
    for device in 0000:00:01.0 "$gpu" "$gpu2"; do echo "$device" >/sys/bus/pci/drivers/bochs-drm/unbind; done
    for device in "$gpu2" "$gpu" 0000:00:01.0; do echo "$device" >/sys/bus/pci/drivers/bochs-drm/bind; done
    readlink /sys/class/graphics/fb0
    refused_by gpu.console gpupass bind "$gpu2"
    gpupass -n bind "$gpu2" --force "$gpu2"
}

vfs() { cat "/sys/bus/pci/devices/$sliced/sriov_numvfs"; }
vf() { basename "$(readlink "/sys/bus/pci/devices/$sliced/virtfn$1")"; }

# A disk plays the GPU: its virtual functions are the kernel's own.
is_cut_and_made_whole() {
    local before
    before=$(cat "/sys/bus/pci/devices/$sliced/sriov_drivers_autoprobe")
    gpupass -y slice create "$sliced" --vfs 2
    [[ $(vfs) == 2 ]]
    on_driver none "$(vf 0)" "$(vf 1)"
    gpupass -y slice create "$sliced" --vfs 2 | grep '^nothing to do'
    gpupass -y bind "$(vf 0)"
    on_driver vfio-pci "$(vf 0)"
    gpupass -y slice create "$sliced" --vfs 3 # through 0: the idle one leaves vfio-pci first
    [[ $(vfs) == 3 ]]
    exits 3 gpupass -y slice create "$sliced" --vfs 5
    gpupass -y undo
    [[ $(vfs) == 2 ]]
    on_driver vfio-pci "$(vf 0)"
    gpupass slices "$sliced" | grep -E "^${sliced#0000:} .* vf +- +- +2 "
    sleep 600 <"/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$(vf 0)/iommu_group")")" &
    exits 3 gpupass -y slice destroy "$sliced"
    kill $!
    wait $! || true
    gpupass -y slice destroy "$sliced"
    [[ $(vfs) == 0 ]]
    [[ $(cat "/sys/bus/pci/devices/$sliced/sriov_drivers_autoprobe") == "$before" ]]
}

slices_survive_kills() {
    whole() { [[ $(vfs) == 0 ]]; }
    destroy() { gpupass -y slice destroy "$sliced"; }
    recovers_from_kills whole destroy gpupass -y slice create "$sliced" --vfs 2
}

step "record the state before" remember_state
step "a mounted disk on the card stays" unchanged mounted
step "a swap disk on the card stays" unchanged swapped
step "a disk of /etc/fstab stays until it is named" unchanged wanted
step "a network interface that is up stays until it is named" unchanged network_up
step "the default route stays until it is named" unchanged default_route
step "the default route through a bridge as well" unchanged default_route_of_a_bridge
step "the last keyboard stays until it is named" unchanged last_keyboard
step "named devices move with the GPU, and return to their drivers" takes_what_is_named
step "a function with virtual functions stays, named or not" unchanged virtual_functions
step "a service that only monitors is stopped temporarily" unchanged watched
step "another service must be named" unchanged named_service
step "a group that is not viable: gpupass says so before QEMU does" unchanged split_group
step "driverctl's claim is reported" claimed
step "the console stays until it is named" console
step "slice: cut, cut anew, undone, in use, made whole" is_cut_and_made_whole
step "slice create is as found or as asked wherever it dies" slices_survive_kills
end
