#!/bin/bash
# The main job: find a GPU with an audio function, bind it, give it to a guest, attach a second GPU
# while the guest runs, detach it again, and restore the host.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0 screen=0000:00:01.0
capture=/share/audio.host
pci_display='[^ ]+ 0x1234:0x1111 class=0x038000'

lists_gpus() {
    gpupass list | tee /tmp/list
    grep -q "^${gpu#0000:} " /tmp/list
    grep -q "^${gpu2#0000:} " /tmp/list
}

lists_json() {
    gpupass list --json | tee /tmp/list.json
    jq -e --arg gpu "$gpu" --arg audio "$audio" --arg gpu2 "$gpu2" --arg screen "$screen" '
        (.gpus | map({key: .address, value: .}) | from_entries) as $g
        | .format == 1
        and $g[$gpu].driver == "bochs-drm" and $g[$gpu].numa_node == 0 and $g[$gpu].functions == [$gpu, $audio]
        and $g[$gpu].vendor_id == "1234" and $g[$gpu].device_id == "1111" and $g[$gpu].class == "038000"
        and $g[$gpu].state == "host" and $g[$gpu].assignable == "yes" and $g[$gpu].link == null
        and $g[$gpu2].numa_node == 1 and $g[$gpu2].functions == [$gpu2] and $g[$gpu2].assignable == "yes"
        and $g[$gpu2].link.speed_gts == 2.5 and $g[$gpu2].link.width == 1
        and $g[$screen].assignable == "no"' /tmp/list.json
}

groups_json() {
    gpupass groups --json | tee /tmp/groups.json
    jq -e --arg gpu "$gpu" --arg audio "$audio" '
        .groups[] | select(any(.devices[]; .address == $gpu))
        | .isolation.kernel == "yes"
          and (.devices | map({(.address): .role}) | add) == {($gpu): "gpu", ($audio): "companion"}' /tmp/groups.json
}

shows() {
    gpupass show "$gpu" | tee /tmp/show
    grep -q "${audio#0000:} *audio" /tmp/show
}

shows_status() {
    gpupass | tee /tmp/status
    grep -q '^ready: 2 of 3 GPUs can go to a guest$' /tmp/status
    grep -q "free (bochs-drm) *gpupass give VM ${gpu#0000:}$" /tmp/status
    # All that this host lacks is KVM: it is emulated itself.
    grep -q '^1 thing needs you:$' /tmp/status
    grep -q '\[host.kvm\]$' /tmp/status
}

draws_topology() {
    gpupass topology | tee /tmp/topology
    grep -q "${gpu2#0000:}" /tmp/topology
}

captures() {
    gpupass capture "$capture"
    gpupass --root "$capture" list --json >/tmp/captured.json
    # The limits may differ, because the capture replaces libvirt.
    diff <(jq -S 'del(.limits)' /tmp/list.json) <(jq -S 'del(.limits)' /tmp/captured.json)
}

answers_while_libvirtd_hangs() {
    local status=0 pid
    virsh list >/dev/null # wakes libvirtd, which exits when idle
    pid=$(pidof libvirtd)
    # shellcheck disable=SC2086  # there may be several
    kill -STOP $pid
    GPUPASS_DEADLINE=10 timeout 60 gpupass list --json >/tmp/hung.json || status=$?
    # shellcheck disable=SC2086
    kill -CONT $pid
    [[ $status == 0 ]]
    jq -e '(.limits | length) > 0' /tmp/hung.json
    diff <(jq -S '.gpus | map(.address)' /tmp/list.json) <(jq -S '.gpus | map(.address)' /tmp/hung.json)
}

# The missing disk is noticed only when QEMU starts: by then the card is bound and the guest is defined.
undoes_a_failed_start() {
    exits 4 gpupass define broken --start --gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios \
        --disk /var/lib/libvirt/images/missing.qcow2
    same_state
}

card_node() { echo /dev/dri/"$(basename "/sys/bus/pci/devices/$gpu"/drm/card*)"; }

refuses_a_holder() {
    local holder
    sleep 600 <"$(card_node)" &
    holder=$!
    exits 3 gpupass bind "$gpu" 2>/tmp/refusal
    kill $holder
    grep "is open in sleep (process $holder)" /tmp/refusal
    same_state
}

# The file is closed again, but the mapping remains.
refuses_a_mapping() {
    local holder
    map_drm "$(card_node)" >/tmp/mapped &
    holder=$!
    eventually 60 grep -q mapped /tmp/mapped
    grep /dev/dri "/proc/$holder/maps"
    exits 3 gpupass bind "$gpu" 2>/tmp/refusal
    kill $holder
    grep "is open in map_drm (process $holder)" /tmp/refusal
    same_state
}

two_at_once() {
    local first second=0
    gpupass bind "$gpu" >/tmp/first 2>&1 &
    first=$!
    gpupass bind "$gpu" >/tmp/second 2>&1 || second=$?
    wait $first && first=0 || first=$?
    echo "exit statuses $first and $second"
    # The later process finds the device locked, changed, or already bound.
    [[ $first == 0 || $second == 0 ]]
    [[ $first == 0 || $first == 8 ]] && [[ $second == 0 || $second == 8 ]]
    on_driver vfio-pci "$gpu" "$audio"
    gpupass release "$gpu"
    same_state
}

survives_kills() {
    recovers_from_kills same_devices releases_first gpupass bind "$gpu"
    same_state
}
releases_first() { gpupass release "$gpu"; }

binds() {
    gpupass bind "$gpu"
    on_driver vfio-pci "$gpu" "$audio"
    on_driver bochs-drm "$gpu2" "$screen"
}

binds_again() {
    gpupass bind "$gpu" --json | jq -e '.report.outcome == "already" and .report.changed == false'
    on_driver vfio-pci "$gpu" "$audio"
}

undoes_the_bind() {
    gpupass --dry-run undo
    on_driver vfio-pci "$gpu" "$audio"
    gpupass undo
    on_driver bochs-drm "$gpu"
    on_driver snd_hda_intel "$audio"
    gpupass undo # of the undo
    on_driver vfio-pci "$gpu" "$audio"
    gpupass history | tail -n 20 | grep 'root: gpupass undo$'
}

starts_guest() {
    gpupass define guest1 --start --gpu "$gpu" --vcpus 2 --memory 512M --virt-type qemu --firmware bios \
        --base /share/base.xml
    virsh dumpxml guest1
    [[ $(virsh domstate guest1) == running* ]]
}

guest_sees_gpu() { eventually 600 guest_saw "\\+ $pci_display numa_node=0"; }

pinned_to_gpu_node() {
    local cpus task name allowed
    cpus=$(cat /sys/devices/system/node/node0/cpulist)
    for task in "/proc/$(pidof qemu-system-x86_64)"/task/*; do
        name=$(cat "$task/comm")
        allowed=$(awk '/^Cpus_allowed_list/ {print $2}' "$task/status")
        echo "$name: $allowed"
        # No CPU that the thread may use is outside the node.
        comm -13 <(expand_cpus "$cpus") <(expand_cpus "$allowed") | (! grep .)
    done
}

# Prints the CPUs of 0-2,5 one on each line, sorted for comm.
expand_cpus() {
    local range
    for range in ${1//,/ }; do seq "${range%-*}" "${range#*-}"; done | sort
}

attaches_live() {
    gpupass attach guest1 "$gpu2" --live
    on_driver vfio-pci "$gpu2"
}

guest_sees_second() {
    eventually 300 two_appeared
    guest_saw '[+-]'
}
two_appeared() { (($(guest_saw "\\+ $pci_display" | wc -l) == 2)); }

detaches_live() {
    gpupass detach guest1 "$gpu2"
    eventually 300 guest_saw "- $pci_display"
    (($(virsh dumpxml guest1 | grep -c '<hostdev') > 0))
}

keeps_what_the_guest_has() {
    local parts='<(disk|interface|source|mac|uuid|console|serial)\b'
    virsh dumpxml --inactive guest1 >/tmp/before.xml
    exits 3 gpupass define guest1 --base /share/base.xml --gpu "$gpu" --virt-type qemu
    gpupass define guest1 --vcpus 1 --memory 640M # libvirt writes sizes in another way
    virsh dumpxml --inactive guest1 >/tmp/then.xml
    diff <(grep -E "$parts" /tmp/before.xml) <(grep -E "$parts" /tmp/then.xml)
    grep '<vcpu.*>1</vcpu>' /tmp/then.xml
    gpupass undo
    virsh dumpxml --inactive guest1 | diff /tmp/before.xml -
}

# Without serial numbers only the slot distinguishes QEMU's displays.
says_which_device() {
    local meant
    gpupass define guest1 --from guest1 --gpu "$gpu" # records the present device
    meant=$(virsh metadata guest1 "$metadata" --config)
    grep -E "address=.$gpu. vendor=.1234. device=.1111. .*path=.$(slot_of "$gpu")['\"]" <<<"$meant"
    gpupass check --domain guest1 | (! grep device.identity)

    says_it_means "${meant//1111/1112}"
    exits 3 gpupass check --domain guest1 | grep '1234:1112.*1234:1111.* is there now \[device.identity\]'
    exits 3 gpupass attach guest1 "$gpu"
    exits 3 gpupass define guest1 --from guest1

    says_it_means "${meant//$(slot_of "$gpu")/$(slot_of "$gpu2")}"
    exits 3 gpupass check --domain guest1 | tee /tmp/moved
    grep "which is now at $gpu2" /tmp/moved
    grep "gpupass define guest1 --from guest1 --gpu $gpu2" /tmp/moved
    gpupass define guest1 --from guest1 --gpu "$gpu2"
    virsh metadata guest1 "$metadata" --config | grep "$gpu2"
    gpupass check --domain guest1 | (! grep device.identity)
}
metadata=urn:gpupass:domain:1
says_it_means() { virsh metadata guest1 "$metadata" --config --key gpupass --set "$1"; }
slot_of() { readlink -f "/sys/bus/pci/devices/$1" | sed -E 's|.*/pci|pci|; s|/[0-9a-f]{4}:[0-9a-f]{2}:|/|g'; }

releases() {
    gpupass release "$gpu" "$gpu2"
    on_driver bochs-drm "$gpu" "$gpu2"
    on_driver snd_hda_intel "$audio"
}

step "record the state before" remember_state
step "list shows both GPUs" lists_gpus
step "status: the host is ready, and what to type next" shows_status
step "list --json: drivers, nodes, links, functions, verdicts" lists_json
step "show names the audio function" shows
step "groups --json: the GPU and its companion" groups_json
step "topology draws the second GPU" draws_topology
step "capture reads back as the live host" captures
step "list answers while libvirtd is stopped" answers_while_libvirtd_hangs
step "bind --dry-run changes nothing" unchanged gpupass -n bind "$gpu"
step "define --start that fails is undone to the last driver" undoes_a_failed_start
step "bind refuses while a process has the DRM node open" refuses_a_holder
step "bind refuses while a process maps the DRM node" refuses_a_mapping
step "two at once: one binds, the other is told" two_at_once
step "bind killed after each write, and recover: as found" survives_kills
step "bind takes both functions" binds
step "bind again: nothing to do" binds_again
step "undo takes the bind back, and undo again does it again" undoes_the_bind
step "define --start with the GPU" starts_guest
step "undo does not stop a guest that runs" exits 3 gpupass undo
step "the guest sees the GPU" guest_sees_gpu
step "QEMU's threads run on the GPU's node" pinned_to_gpu_node
step "attach --live of the second GPU" attaches_live
step "the guest sees the second GPU" guest_sees_second
step "detach: the second GPU vanishes in the guest" detaches_live
step "destroy the guest" virsh destroy guest1
step "define of a guest that exists keeps what it has, and undo brings it back" keeps_what_the_guest_has
step "a definition that means another device is found, and pointed to where the device is" says_which_device
step "undefine the guest" virsh undefine guest1
step "release gives every function its driver back" releases
step "the state afterwards is the state before" same_state
cat "$guest_console" >/share/guest.console
end
