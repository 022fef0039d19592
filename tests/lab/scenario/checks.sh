#!/bin/bash
# What check says when one thing of a host is wrong, and that it says nothing else: huge pages on the wrong node, a guest
# away from its GPU, a GPU in use; in later boots no IOMMU, and an IOMMU that remaps no interrupts.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0
pages=/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages

# What does not pass, as "warn gpu.node-pages 0000:21:00.0".
wrong() {
    { gpupass check "$gpu" "$gpu2" --json "$@" || (($? == 3)); } |
        jq -r '.findings[] | select(.verdict != "pass") | "\(.verdict) \(.id) \(.subject)"' | sort
}

healthy() {
    wrong | tee /share/healthy
    sed 's/^/healthy, but: /' /share/healthy >/tmp/healthy
    notes /tmp/healthy
    ! grep -v '^warn' /share/healthy
}

# finds LINE...: what is wrong is this, besides what is wrong in the first place.
finds() {
    local line
    wrong "${options[@]}" >/tmp/wrong
    diff /tmp/wrong <({ cat /share/healthy; for line; do echo "$line"; done; } | sort)
}
options=()

pages_elsewhere() {
    echo 16 >$pages
    finds "warn gpu.node-pages $gpu"
    echo 0 >$pages
    finds
}

held() {
    local holder
    sleep infinity <"/dev/dri/by-path/pci-$gpu2-card" &
    holder=$!
    eventually 60 finds "fail gpu.in-use $gpu2"
    kill $holder
    wait $holder || true
    finds
}

# The first node has the GPU, and the guest runs on the second one.
guest_elsewhere() {
    gpupass xml far --gpu "$gpu" --vcpus 2 --memory 256M --virt-type qemu --firmware bios --base /share/base.xml >/tmp/near.xml
    virsh define /tmp/near.xml
    options=(--domain far)
    finds
    sed -E "s/cpuset='[0-9,-]+'/cpuset='5-6'/; s/nodeset='0'/nodeset='1'/" /tmp/near.xml >/tmp/far.xml
    ! diff /tmp/near.xml /tmp/far.xml
    virsh undefine far
    virsh define /tmp/far.xml
    wrong "${options[@]}" | comm -13 /share/healthy - | tee /tmp/far
    grep -E '^(warn|fail) domain.(gpu-far|wrong-node) ' /tmp/far
    ! grep -vE ' domain\.(gpu-far|wrong-node) ' /tmp/far
    virsh undefine far
}

# Without groups nothing says that the sound function, of another maker, goes along, and a reset of the bus resets it.
no_iommu() {
    finds "fail iommu.active host" "fail iommu.disabled $gpu" "fail iommu.disabled $gpu2" "fail gpu.reset $gpu"
    { gpupass check "$gpu" || (($? == 3)); } | grep intel_iommu=off
    exits 3 gpupass bind "$gpu"
    on_driver bochs-drm "$gpu"
}

# The module may be told to do without; then the guest can forge interrupts.
no_remapping() {
    finds "fail iommu.interrupts $gpu" "fail iommu.interrupts $gpu2"
    exits 3 gpupass bind "$gpu"
    on_driver bochs-drm "$gpu"
}

case $boot in
1)
    step "a healthy host: nothing fails" healthy
    step "huge pages on the other node alone" pages_elsewhere
    step "a process has a GPU open" held
    step "a guest on the other node than its GPU" guest_elsewhere
    ;;
2) step "the IOMMU is switched off on the command line" no_iommu ;;
3)
    step "interrupts are not remapped" no_remapping
    end
    exit
    ;;
esac
reboot
