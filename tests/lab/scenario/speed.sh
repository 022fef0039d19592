#!/bin/bash
# The time of a bind and a release: inside apply(), compared with the same writes in a C program, and as a command,
# compared with driverctl and virsh.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0
journal=/var/lib/gpupass/journal

# Like a host that has been in use for a while.
fills_the_journal() {
    local last number
    gpupass bind "$gpu"
    gpupass release "$gpu"
    last=$(find $journal -type f | sort | tail -n 1)
    for number in $(seq 1000000000000001 1000000000000100); do cp "$last" "$journal/$number-1.over"; done
    gpupass history --json | jq -e '.operations | length >= 100'
}

# On one CPU: the time to wake an emulated CPU for the worker depends on the machine that runs the lab, and not on
# apply().
apply_is_fast() {
    taskset -c 2 bench_apply "$gpu" 20 1.25 | tee /tmp/medians
    same_state
}

by_gpupass() { gpupass -q bind "$gpu2" && gpupass -q release "$gpu2"; }
by_driverctl() { driverctl --nosave set-override "$gpu2" vfio-pci && driverctl --nosave unset-override "$gpu2"; }
by_virsh() { virsh nodedev-detach pci_0000_41_00_0 && virsh nodedev-reattach pci_0000_41_00_0; }

# The tools alternate, so that other load affects all equally.
commands_by_turns() {
    local tool start run
    for run in 1 2 3 4 5 6 7; do
        echo "run $run"
        for tool in gpupass driverctl virsh; do
            start=$EPOCHREALTIME
            "by_$tool" >/dev/null
            echo "$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))" >>"/tmp/by_$tool"
        done
    done
    for tool in gpupass driverctl virsh; do
        echo "bind and release of one function by $tool: $(sort -n "/tmp/by_$tool" | sed -n 4p) ms"
    done | tee -a /tmp/medians
    same_state
}

step "record the state before" remember_state
step "a journal of 100 operations" fills_the_journal
step "time inside apply: at most 1.25 times that of its writes, medians of 20" apply_is_fast
step "commands by turns: gpupass, driverctl, virsh" commands_by_turns
notes /tmp/medians
end
