#!/bin/bash
# A new guest from nothing: `run` boots an image to its login, with the host name and the password of cloud-init's data;
# the guest that runs gets a second GPU, and all of it is taken back.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:22:00.0
image=/var/lib/libvirt/images/system.img
seed=/var/lib/libvirt/images/new-cloud-init.iso
run=(gpupass run new --image "$image" --cloud-init /tmp/user-data --gpu "$gpu" --vcpus 1 --memory 256M
    --hugepages off --virt-type qemu --firmware bios)

plans() {
    printf '#cloud-config\npassword: apple\n' >/tmp/user-data
    "${run[@]}" --dry-run | tee /tmp/plan
    grep "write $seed" /tmp/plan
    ! grep apple /tmp/plan
    same_state
}

runs() {
    "${run[@]}" 2>&1 | tee /tmp/ran
    ! grep apple /tmp/ran
    on_driver vfio-pci "$gpu" "$audio"
    [[ $(virsh domstate new) == running ]]
    gpupass --json history | jq -r '.operations[].id' | sort | tail -n 1 >/tmp/run.id
}

# libvirt gives the image to QEMU's user while the guest runs.
keeps_secrets() {
    ls -l "$seed" /var/lib/gpupass/journal
    [[ $(stat -c %a "$seed") == 600 ]]
    [[ -z $(find /var/lib/gpupass/journal -type f -perm /077) ]]
    [[ -z $(find /run/gpupass -name 'cloud-init*') ]]
    gpupass history | tee /tmp/history
    gpupass capture - >/tmp/captured
    ! grep apple /tmp/history /tmp/captured
}

# The console is a terminal of the host.
opens_console() {
    console=$(virsh ttyconsole new)
    echo "$console" >/tmp/console.name
    stty -F "$console" raw -echo
    cat "$console" >/share/guest.console &
}
console_has() { tr -d '\r' </share/guest.console | grep -aE "$1"; }
types() { printf '%s\r' "$1" >"$(cat /tmp/console.name)"; }

logs_in() {
    opens_console
    eventually 1200 console_has '^new login: '
    types root
    eventually 120 console_has '^Password: '
    types apple
    eventually 120 console_has '^~ # '
}

# sees N: the guest has so many display devices. On a host with 39 bits of address, as this one, its firmware keeps no
# addresses for the memory of later ones.
sees() {
    # shellcheck disable=SC2016  # the guest's
    types 'echo "displays: $(cat /sys/bus/pci/devices/*/class | grep -c ^0x03)"'
    sleep 5
    [[ $(console_has '^displays: [0-9]' | tail -n 1) == "displays: $1" ]]
}

gives_a_second() {
    gpupass give new "$gpu2"
    on_driver vfio-pci "$gpu2"
    eventually 120 sees 2
}

takes_it_back() {
    gpupass undo
    on_driver bochs-drm "$gpu2"
    eventually 120 sees 1
}

refuses_what_is_there() {
    exits 3 "${run[@]}" 2>/tmp/refusal
    grep 'gpupass give new GPU' /tmp/refusal
    exits 3 gpupass -n run other --image "$image" --gpu "$gpu2" --vcpus 1 --memory 256M --virt-type qemu 2>/tmp/refusal
    grep "$image is a disk of guest new" /tmp/refusal
}

# Not while the guest runs: it would be stopped at once.
undoes() {
    exits 3 gpupass undo "$(cat /tmp/run.id)"
    [[ -f $seed ]]
    takes_all_back "$(cat /tmp/run.id)"
    same_state
}
takes_all_back() {
    virsh destroy new
    gpupass undo "$@"
    [[ ! -e $seed ]]
}

leaves_a_file_of_another() {
    echo mine >"$seed"
    exits 3 "${run[@]}"
    [[ $(cat "$seed") == mine ]]
    rm "$seed"
    same_state
}

survives_kills() {
    recovers_from_kills all_the_same takes_all_back "${run[@]}"
}
all_the_same() {
    same_state
    [[ ! -e $seed ]]
}

systemctl start libvirtd
remember_state
step "run plans a new guest, and shows no secret of cloud-init" plans
step "run boots it" runs
step "nobody but root can read cloud-init's data" keeps_secrets
step "it boots from its disk to its login, as cloud-init's data say" logs_in
step "it has one GPU" eventually 120 sees 1
step "run refuses a name and a disk that a guest has" refuses_what_is_there
step "give gives the running guest a second GPU" gives_a_second
step "undo takes it back" takes_it_back
step "undo takes the guest, the image and the GPU back" undoes
step "run refuses a file of somebody else" leaves_a_file_of_another
step "run killed after each write: recover leaves nothing behind" survives_kills
end
