#!/bin/bash
# What a guest tells of itself by a real agent, Debian's qemu-guest-agent: a guest on both NUMA nodes with a GPU of each.
# First no driver of the guest has them, then one has; a GPU vanishes in the guest; its kernel hides its nodes; and its
# agent ends.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0
request=(--gpus 2 --vcpus 2 --memory 640M --virt-type qemu --firmware bios)

# base OPTIONS: the definition that the guest begins with, with these options for its kernel.
base() {
    sed -e 's|/guest.initrd|/agent.initrd|' -e "s|<cmdline>|&$1 |" \
        -e "s|<serial |<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>&|" /share/base.xml
}
agent_answers() { virsh qemu-agent-command guest2 '{"execute":"guest-ping"}' >/dev/null 2>&1; }
# in_guest PROGRAM ARGUMENT...: by the agent, as root of the guest.
in_guest() {
    local program=$1
    shift
    virsh qemu-agent-command guest2 "$(jq -nc --arg path "$program" \
        '{execute: "guest-exec", arguments: {path: $path, arg: $ARGS.positional}}' --args -- "$@")"
}
validate() { gpupass validate guest2 --timeout 600 --json "$@" | tee /tmp/validate.json; }
# verdicts ID: those of this finding, one for each GPU.
verdicts() { jq -r --arg id "$1" '[.findings[] | select(.id == $id).verdict] | join(" ")' /tmp/validate.json; }
failed_ids() { jq -r '[.findings[] | select(.verdict == "fail").id] | unique | join(" ")' /tmp/validate.json; }

starts() { # OPTIONS of the guest's kernel
    base "$1" >/tmp/base.xml
    gpupass define guest2 --start "${request[@]}" --base /tmp/base.xml
    [[ $(virsh domstate guest2) == running* ]]
}
without_agent_all_is_unknown() {
    gpupass validate guest2 --json >/tmp/validate.json
    jq -e '.summary | .fail == 0 and .pass == 0' /tmp/validate.json
}
agent_comes_up() { eventually 900 agent_answers; }

sees_gpus_without_driver() {
    exits 3 validate
    [[ $(failed_ids) == guest.driver ]]
    [[ $(verdicts guest.driver) == "fail fail" ]]
    for id in guest.gpu guest.node guest.bars; do [[ $(verdicts $id) == "pass pass" ]]; done
    [[ $(verdicts guest.cells) == pass ]]
    [[ $(verdicts guest.agent) == pass ]]
    [[ $(verdicts guest.kernel-log) == pass ]]
    # Both are 1234:1111: only their ways tell them apart.
    jq -e '.gpus | map(.numa_node) == [0, 1] and .[0].vendor_id == .[1].vendor_id and .[0].device_id == .[1].device_id' \
        /tmp/validate.json
    gpupass validate guest2 --timeout 600 | grep "no driver of the guest has $gpu" || [[ ${PIPESTATUS[0]} == 3 ]]
}

libvirt_marks_the_guest() { grep 'custom-ga-command' /var/log/libvirt/qemu/guest2.log; }

records() {
    exits 3 gpupass validate guest2 --timeout 600 --record /tmp/guest2.json
    jq -e '.baseline.gpus | length == 2 and all(.[]; .driver == null)' /tmp/guest2.json
}

restarts_with_driver() {
    virsh destroy guest2
    virsh undefine guest2
    starts lab.driver
    agent_comes_up
}
sees_the_driver() {
    validate --baseline /tmp/guest2.json
    [[ $(verdicts guest.driver) == "pass pass" ]]
    [[ $(verdicts guest.baseline) == "warn warn" ]]
    jq -e 'all(.gpus[]; .driver == "bochs-drm")' /tmp/validate.json
}

# The kernel of the guest lets go of the GPU, as if it had fallen off its bus.
misses_a_gpu() {
    local there
    there=$(jq -r '.gpus[1].guest_address' /tmp/validate.json)
    in_guest /bin/sh -c "echo 1 >/sys/bus/pci/devices/$there/remove"
    eventually 120 is_missed
    jq -e --arg gpu "$gpu2" '[.findings[] | select(.verdict == "fail")] | length == 1 and .[0].id == "guest.gpu" and .[0].subject == $gpu' \
        /tmp/validate.json
}
is_missed() { exits 3 validate >/dev/null; }

restarts_without_nodes() {
    virsh destroy guest2
    virsh undefine guest2
    starts "lab.driver numa=off"
    agent_comes_up
}
sees_hidden_nodes() {
    exits 3 validate
    [[ $(verdicts guest.gpu) == "pass pass" ]]
    [[ $(failed_ids) == *guest.cells* ]]
    [[ $(verdicts guest.node) == *fail* ]]
}

agent_that_ended_is_unknown() {
    in_guest /bin/sh -c 'sleep 2; killall qemu-ga' || true
    eventually 60 agent_is_gone
    validate
    jq -e '.summary | .fail == 0 and .pass == 0 and .unknown > 0' /tmp/validate.json
    gpupass validate guest2 | grep -A 3 'tells nothing of itself'
}
agent_is_gone() { ! agent_answers; }

guest_that_is_off_is_unknown() {
    virsh destroy guest2
    validate
    jq -e '.summary | .fail == 0 and .pass == 0' /tmp/validate.json
    gpupass validate guest2 | grep 'virsh start guest2'
}

changes_nothing() {
    virsh undefine guest2
    gpupass release "$gpu" "$gpu2"
    same_state
}

step "record the state before" remember_state
step "define --start: a guest with a channel for its agent" starts ""
step "before the agent is up all is unknown, and nothing fails" without_agent_all_is_unknown
step "the agent is up" agent_comes_up
step "GPUs at their places, on their nodes, with addresses, and no driver" sees_gpus_without_driver
step "libvirt marks the guest: custom-ga-command" libvirt_marks_the_guest
step "a baseline" records
step "the same guest with a driver" restarts_with_driver
step "the driver is seen, and is not as in the baseline" sees_the_driver
step "a GPU that has vanished in the guest is missed" misses_a_gpu
step "the same guest with a kernel that knows no nodes" restarts_without_nodes
step "hidden nodes fail" sees_hidden_nodes
step "an agent that has ended: unknown, and why" agent_that_ended_is_unknown
step "a guest that is off: unknown, and why" guest_that_is_off_is_unknown
step "the state afterwards is the state before" changes_nothing
cat "$guest_console" >/share/guest.console
end
