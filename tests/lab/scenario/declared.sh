#!/bin/bash
# A host as it is declared: apply, assert and export; and guests that anybody starts, with libvirt's hook: bound before
# they start and back when they end, however that comes about. A quarantined GPU goes to no guest.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0
hook=/etc/libvirt/hooks/qemu.d/50-gpupass
# Use the installed program, as the hook does.
export PATH=${PATH#/opt/gpupass:}
unset LD_LIBRARY_PATH

not() { ! "$@"; }
writes() { find /var/lib/gpupass /etc/gpupass -type f -printf '%p %s %T@\n' 2>/dev/null | sort; }

installs() {
    cp -a /share/install/. /
    ldconfig
    eventually 120 on_driver bochs-drm "$gpu" "$gpu2" # udev may still be binding them
    eventually 120 on_driver snd_hda_intel "$audio"
    remember_state
}

what_is_exported_is_so() {
    gpupass export | tee /tmp/found.toml
    gpupass assert /tmp/found.toml
    gpupass -y apply /tmp/found.toml | tee /tmp/report
    grep -q '^nothing to do' /tmp/report
    same_devices
}

is_applied() {
    cat >/tmp/node.toml <<END
[host]
reserve_cpus = "0"

[gpus."$gpu"]
name = "left"
use = "whole"
boot = false

[gpus."$gpu2"]
use = "host"
END
    exits 9 gpupass assert /tmp/node.toml | tee /tmp/differences
    grep -q "node.toml:4:7: $gpu is declared to be for guests" /tmp/differences
    gpupass -y apply /tmp/node.toml
    on_driver vfio-pci "$gpu" "$audio"
    on_driver bochs-drm "$gpu2"
    gpupass assert /tmp/node.toml
    gpupass show left | grep "$gpu"
}

a_second_apply_writes_nothing() {
    writes >/tmp/writes
    gpupass -y apply /tmp/node.toml
    diff /tmp/writes <(writes)
}

what_drifts_is_named() {
    gpupass -y release left
    exits 9 gpupass assert /tmp/node.toml | tee /tmp/differences
    [[ $(grep -c "$gpu" /tmp/differences) == 1 ]]
    gpupass -y apply /tmp/node.toml
    gpupass export >/tmp/applied.toml
    gpupass assert /tmp/applied.toml
}

goes_back() {
    gpupass -y apply /tmp/found.toml
    gpupass assert /tmp/found.toml
    exits 1 gpupass show left
    [[ ! -e /etc/gpupass/settings ]]
    same_devices
}

is_as_before_wherever_it_dies() {
    to_found() { gpupass -y apply /tmp/found.toml; }
    recovers_from_kills same_devices to_found gpupass -y apply /tmp/node.toml
}

has_a_hook() {
    gpupass -y hook install
    [[ -x $hook ]]
    systemctl restart libvirtd
    gpupass -y hook install | grep '^nothing to do'
    # The definition is made while its GPU is with the host.
    gpupass -y define guest1 --gpu "$gpu" --vcpus 1 --memory 512M --virt-type qemu --firmware bios --base /share/base.xml
    on_driver bochs-drm "$gpu"
    remember_state hooked
}

is_home() { eventually 60 same_devices hooked; }

is_bound_when_virsh_starts_it() {
    virsh start guest1
    on_driver vfio-pci "$gpu" "$audio"
    eventually 600 guest_saw '\+ [^ ]+ 0x1234:0x1111'
}

survives_libvirtd() {
    systemctl restart libvirtd
    virsh domstate guest1 | grep running
    on_driver vfio-pci "$gpu" "$audio"
    exits 3 gpupass -y release "$gpu"
}

is_back_when_it_is_destroyed() {
    virsh destroy guest1
    is_home
    nothing_is_interrupted
}

is_back_when_qemu_is_killed() {
    virsh start guest1
    pkill -9 -f guest=guest1
    is_home
}

is_refused_in_quarantine() {
    gpupass -y quarantine --reason 'fell off the bus' "$gpu"
    exits 1 virsh start guest1 2>&1 | tee /tmp/refusal
    grep 'in quarantine: fell off the bus' /tmp/refusal
    exits 3 gpupass -y bind "$gpu"
    gpupass list | grep quarantined
    on_driver bochs-drm "$gpu"
    gpupass -y quarantine --release "$gpu"
    same_devices hooked
}

# What does not answer is killed, and its guest does not start; nothing else happens to it.
a_hook_that_hangs_or_dies_costs_no_gpu() {
    local mine=/usr/local/bin/gpupass
    mv $mine /tmp/gpupass.real
    printf '#!/bin/sh\nkill -9 $$\n' >$mine
    chmod +x $mine
    exits 1 virsh start guest1
    printf '#!/bin/sh\nexec sleep 1000\n' >$mine
    exits 1 virsh start guest1 2>&1 | tee /tmp/refusal
    grep 'took more than' /tmp/refusal
    mv /tmp/gpupass.real $mine
    same_devices hooked
    virsh start guest1
    on_driver vfio-pci "$gpu"
    virsh destroy guest1
    is_home
}

# libvirt would bind such a GPU itself; it finds it bound.
is_home_after_a_managed_guest() {
    virsh dumpxml --inactive guest1 | sed "s/managed='no'/managed='yes'/" >/tmp/managed.xml
    virsh define /tmp/managed.xml
    systemctl restart libvirtd # it remembers the devices of the guest that was not managed
    virsh start guest1
    on_driver vfio-pci "$gpu" "$audio"
    virsh destroy guest1
    is_home
    nothing_is_interrupted
}

# Whoever removed gpupass finds guests that start as they would without it.
guests_start_without_gpupass() {
    mv /usr/local/bin/gpupass /tmp/gpupass.real
    virsh start guest1
    virsh destroy guest1
    mv /tmp/gpupass.real /usr/local/bin/gpupass
    eventually 60 on_driver bochs-drm "$gpu"
}

# Ten guests without GPUs, with the hook and without it in turn.
others_start_as_fast() {
    sed -e 's/guest1/plain/g' -e '/<kernel>/d; /<initrd>/d; /<cmdline>/d' /share/base.xml >/tmp/plain.xml
    virsh define /tmp/plain.xml
    local round with start
    for round in 1 2 3 4 5 6 7 8 9 10; do
        for with in with without; do
            if [[ $with == without ]]; then chmod -x $hook; else chmod +x $hook; fi
            start=$EPOCHREALTIME
            virsh start --paused plain >/dev/null
            echo $((${EPOCHREALTIME/./} - ${start/./})) >>/tmp/$with
            virsh destroy plain >/dev/null
        done
    done
    chmod +x $hook
    median() { sort -n "$1" | sed -n 5p; }
    echo "start of a guest without GPUs: $(($(median /tmp/with) / 1000)) ms with the hook, $(($(median /tmp/without) / 1000)) ms without" |
        tee /tmp/note
    notes /tmp/note
    # 1.05 is the goal; a shared machine needs room.
    (($(median /tmp/with) * 100 < $(median /tmp/without) * 125))
}

goes_without_the_hook() {
    gpupass -y hook remove
    [[ ! -e $hook ]]
    exits 0 gpupass -y hook remove
}

step "install" installs
step "what is exported is so, and needs no change" what_is_exported_is_so
step "a host becomes what is declared" is_applied
step "a second apply writes nothing" a_second_apply_writes_nothing
step "drift is named, and mended" what_drifts_is_named
step "the first state comes back" goes_back
step "apply is as found or as asked wherever it dies" is_as_before_wherever_it_dies
step "libvirt's hook is installed" has_a_hook
step "virsh start binds the GPU, and the guest sees it" is_bound_when_virsh_starts_it
step "libvirtd restarts under the guest" survives_libvirtd
step "virsh destroy brings the GPU back" is_back_when_it_is_destroyed
step "QEMU killed: the GPU comes back" is_back_when_qemu_is_killed
step "a GPU in quarantine refuses the start" is_refused_in_quarantine
step "a hook that dies or hangs costs no GPU" a_hook_that_hangs_or_dies_costs_no_gpu
step "the GPU of a managed guest comes back" is_home_after_a_managed_guest
step "guests start where gpupass was removed" guests_start_without_gpupass
step "guests without GPUs start as fast" others_start_as_fast
step "the hook is removed" goes_without_the_hook
end
