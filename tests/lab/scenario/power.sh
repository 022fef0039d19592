#!/bin/bash
# Power loss during `define --start`, at three steps: recover undoes only the changes that survive a boot. An operation
# that was complete before the power loss is kept.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:41:00.0
define=(gpupass define cut --start --gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios
    --base /share/base.xml)

# stops_at NUMBER TEXT: stops the process before its NUMBER-th write that contains TEXT; all earlier requests are
# complete.
stops_at() {
    local process
    LD_PRELOAD=/opt/gpupass/kill_at.so KILL_WITH=stop KILL_AT=$1 KILL_WHEN=before KILL_TEXT=$2 "${define[@]}" &
    process=$!
    eventually 300 grep -q '^State:.T' "/proc/$process/status"
    cat /var/lib/gpupass/journal/*
}

defined() { virsh dominfo cut >/dev/null 2>&1; }

stops_after_begin() {
    stops_at 1 '"record":"start"'
    on_driver bochs-drm "$gpu"
    ! defined
}

stops_after_first_write() {
    stops_at 2 '"op":"write"'
    [[ $(cat "/sys/bus/pci/devices/$gpu/driver_override") == vfio-pci ]]
    on_driver bochs-drm "$gpu"
}

stops_before_end() {
    stops_at 1 '"record":"end"'
    on_driver vfio-pci "$gpu"
    [[ $(virsh domstate cut) == running* ]]
}

recovers() {
    gpupass history
    gpupass history --json | jq -e '.operations[-1].outcome == "interrupted"'
    on_driver bochs-drm "$gpu"
    gpupass -n recover
    gpupass -y recover
    gpupass history --json | jq -e 'all(.operations[]; .outcome != "interrupted")'
    same_state
}

recovers_definition() {
    defined # otherwise there is nothing to undo
    [[ $(virsh domstate cut) == "shut off"* ]]
    recovers
    ! defined
}

defines() { "${define[@]}"; }

is_as_asked() {
    gpupass history --json | jq -e '.operations[-1].outcome == "done"'
    [[ $(virsh domstate cut) == "shut off"* ]]
    gpupass -y recover --json | jq -e '.report.outcome == "already"'
    defined
    virsh undefine cut
    same_state
}

case $boot in
1)
    step "record the state before" remember_state
    step "define --start is held after the journal's begin" stops_after_begin
    ;;
2)
    step "power lost after the journal's begin: the host is unchanged" recovers
    step "define --start is held after its first write to the kernel" stops_after_first_write
    ;;
3)
    step "power lost after the first write: the host is unchanged" recovers
    step "define --start is held before the journal's end" stops_before_end
    ;;
4)
    step "power lost before the end: recover undoes the definition" recovers_definition
    step "define --start is done" defines
    ;;
5)
    step "power lost after the end: the guest stays defined" is_as_asked
    end
    exit
    ;;
esac
power_cut
