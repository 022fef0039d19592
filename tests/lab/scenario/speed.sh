#!/bin/bash
# What a bind and a release take: inside apply() beside the same writes made by hand, and as a command beside driverctl and
# virsh.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0
journal=/var/lib/gpupass/journal

# As it is on a host in use for a while.
fills_the_journal() {
    local last number
    gpupass bind "$gpu"
    gpupass release "$gpu"
    last=$(find $journal -type f | sort | tail -n 1)
    for number in $(seq 1000000000000001 1000000000000100); do cp "$last" "$journal/$number-1.over"; done
    gpupass history --json | jq -e '.operations | length >= 100'
}

# On one CPU: how soon an emulated CPU is woken for a worker that has been asked something says more of the machine
# below, and who else is at work there, than of apply().
apply_is_fast() {
    taskset -c 2 bench_apply "$gpu" 20 1.25 | tee /tmp/medians
    same_state
}

by_gpupass() { gpupass -q bind "$gpu2" && gpupass -q release "$gpu2"; }
by_driverctl() { driverctl --nosave set-override "$gpu2" vfio-pci && driverctl --nosave unset-override "$gpu2"; }
by_virsh() { virsh nodedev-detach pci_0000_41_00_0 && virsh nodedev-reattach pci_0000_41_00_0; }

# Each takes its turn, so that a busy machine is busy for all.
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
