#!/bin/bash
# Two GPUs behind a switch without ACS: each has its own IOMMU group, so each can be bound and
# released alone, but they are not isolated from each other. Also refusals of bind.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:23:00.0 gpu2=0000:24:00.0 screen=0000:00:01.0

lists_gpus() {
    gpupass list --json | tee /tmp/list.json
    jq -e --arg gpu "$gpu" --arg gpu2 "$gpu2" '
        [.gpus[] | select(.address == $gpu or .address == $gpu2)]
        | length == 2 and all(.[]; .assignable == "yes" and .numa_node == 0)
          and .[0].iommu_group != .[1].iommu_group' /tmp/list.json
}

groups_tell_isolation() {
    gpupass groups
    gpupass groups --json | tee /tmp/groups.json
    jq -e --arg gpu "$gpu" --arg gpu2 "$gpu2" '
        [.groups[] | select(any(.devices[]; .address == $gpu or .address == $gpu2)) | .isolation]
        | . == [{kernel: "yes", acs: "no"}, {kernel: "yes", acs: "no"}]' /tmp/groups.json
}

captures() {
    gpupass capture /share/switch.host
    gpupass --root /share/switch.host groups --json |
        jq -S .groups | diff <(jq -S .groups /tmp/groups.json) -
}

# The guard must hold even with -y.
refuses_screen() { exits 3 gpupass -y bind "$screen"; }

refuses_disk() {
    local status=0
    gpupass -y bind 0000:00:02.0 || status=$? # the disk that the host runs from
    [[ $status == 2 || $status == 3 ]]
}

binds_one() {
    gpupass bind "$gpu"
    on_driver vfio-pci "$gpu"
    on_driver bochs-drm "$gpu2"
}

binds_both() {
    gpupass bind "$gpu" "$gpu2"
    on_driver vfio-pci "$gpu" "$gpu2"
}

releases_both() {
    gpupass release "$gpu" "$gpu2"
    on_driver bochs-drm "$gpu" "$gpu2"
}

step "record the state before" remember_state
step "list: both GPUs, each in a group of its own" lists_gpus
step "groups: isolated by the kernel, not by the ACS walk" groups_tell_isolation
step "capture tells the same groups" captures
step "bind refuses the boot VGA" unchanged refuses_screen
step "bind refuses it in a dry run too" unchanged exits 3 gpupass -n bind "$screen"
step "bind refuses what is no GPU" unchanged refuses_disk
step "bind one, the other stays" binds_one
step "bind both: one more" binds_both
step "release both" releases_both
step "the state afterwards is the state before" same_state
step "release again: nothing to do" unchanged gpupass release "$gpu" "$gpu2"
end
