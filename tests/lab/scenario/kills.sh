#!/bin/bash
# The process that attaches a GPU to a guest is killed after each of its writes, to the definition and to the running
# guest; recover undoes everything. Scenario audio does the same with bind.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 gpu2=0000:41:00.0

starts_guest() {
    gpupass define guest1 --start --gpu "$gpu" --vcpus 1 --memory 256M --virt-type qemu --firmware bios \
        --base /share/base.xml
    eventually 600 guest_saw up
}

# Only the definition changes: the second GPU is already bound to vfio-pci.
survives_kills_of_attach() {
    gpupass bind "$gpu2"
    remember_state attach
    virsh dumpxml --inactive guest1 >/tmp/definition
    recovers_from_kills same_as_before_attach takes_back_config gpupass attach guest1 "$gpu2" --config
    diff /tmp/definition <(virsh dumpxml --inactive guest1)
}
same_as_before_attach() { same_state attach; }
takes_back_config() { gpupass detach guest1 "$gpu2" --config; }

# The GPU starts on its own driver and the guest keeps running; afterwards the guest must not have the GPU.
survives_kills_of_live_attach() {
    local qemu
    gpupass release "$gpu2"
    remember_state attach
    qemu=$(pidof qemu-system-x86_64)
    recovers_from_kills same_as_before_attach takes_back_live gpupass attach guest1 "$gpu2" --live
    [[ $(pidof qemu-system-x86_64) == "$qemu" && $(virsh domstate guest1) == running* ]]
}
takes_back_live() {
    gpupass detach guest1 "$gpu2" --live
    gpupass release "$gpu2"
}

ends() {
    virsh destroy guest1
    virsh undefine guest1
    gpupass release "$gpu"
    same_state
}

step "record the state before" remember_state
step "define --start with the GPU" starts_guest
step "attach --config killed after each write, and recover: as found" survives_kills_of_attach
step "attach --live killed after each write, and recover: as found, and the guest runs" survives_kills_of_live_attach
step "the state afterwards is the state before" ends
cat "$guest_console" >/share/guest.console
end
