#!/bin/bash
# Mediated devices of a GPU whose driver makes them, which module/lab_mdev.c plays: made, kept over boots by libvirt and
# mdevctl, in a guest, removed; killed after each third write; and there again after a boot.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:41:00.0 uuid=c73f1fa6-489e-4834-9476-d70dabd98c40
kept=/etc/mdevctl.d/$gpu

# As an administrator who wants this driver would. Debian 12's rule for udev names mdevctl in /usr/sbin, where its
# package has none.
takes_lab_driver() {
    [[ -e /usr/sbin/mdevctl ]] || ln -s /usr/bin/mdevctl /usr/sbin/mdevctl
    bind_lab_mdev "$gpu"
}

there() { ls /sys/bus/mdev/devices; }
is_there() { [[ -e /sys/bus/mdev/devices/$1 ]]; }
none() { [[ -z $(there) && -z $(ls "$kept" 2>/dev/null) ]]; }
none_is_there() { [[ -z $(there) ]]; }
# shellcheck disable=SC2046  # several words
destroys_all() { gpupass -y slice destroy $({ there; ls "$kept" 2>/dev/null; } | sort -u); }

shows_types() {
    gpupass slices "$gpu" | tee /tmp/slices
    grep -E 'mdev +lab_mdev-small .*Lab Slice-1 .* 0 +4$' /tmp/slices
    grep -E 'mdev +lab_mdev-large .*Lab Slice-2 .* 0 +2$' /tmp/slices
}

# The plan names the UUIDs that the next run makes.
makes_what_it_printed() {
    gpupass -n slice create "$gpu" --type 'Lab Slice-1' --count 2 --json | jq -r '.plan.steps[].change.device' | sort >/tmp/planned
    none
    gpupass -y slice create "$gpu" --type lab_mdev-small --count 2
    diff /tmp/planned <(there)
    gpupass slices "$gpu" --json | jq -e '[.gpus[].slices[] | select(.kind == "mdev" and .in_use == "no")] | length == 2'
    exits 3 gpupass -y slice create "$gpu" --type lab_mdev-large --count 2 2>/tmp/refusal
    grep 'room for 1 of type lab_mdev-large' /tmp/refusal
    exits 3 gpupass -y slice create "$gpu" --type none 2>/tmp/refusal
    grep 'these can be made: .*lab_mdev-small (Lab Slice-1)' /tmp/refusal
    gpupass -y slice create "$gpu" --type lab_mdev-large
    gpupass -y undo
    diff /tmp/planned <(there)
    destroys_all
    none
}

keeps_one() {
    gpupass -y slice create "$gpu" --type lab_mdev-small --uuid "$uuid" --persist
    is_there "$uuid"
    jq -e '.mdev_type == "lab_mdev-small" and .start == "auto"' "$kept/$uuid"
    mdevctl list -d | grep "$uuid"
    virsh nodedev-list --cap mdev | grep "mdev_${uuid//-/_}"
    gpupass slices "$gpu" | grep -E "$uuid +mdev .*at every boot"
    gpupass -y slice create "$gpu" --type lab_mdev-small --uuid "$uuid" --persist | grep '^nothing to do'
}

refuses_what_it_would_break() {
    exits 3 gpupass -y bind "$gpu" 2>/tmp/refusal
    grep "gpupass slice destroy $uuid" /tmp/refusal
    sleep 600 <"/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$uuid/iommu_group")")" &
    exits 3 gpupass -y slice destroy "$uuid" 2>/tmp/refusal
    grep "is held by sleep" /tmp/refusal
    kill $!
    wait $! || true
}

gives_it_to_a_guest() {
    virsh define /share/base.xml
    gpupass attach guest1 "$uuid"
    virsh dumpxml guest1 | grep -A 6 "type='mdev'"
    virsh start guest1
    eventually 900 guest_saw '\+ .* 0x1234:0x6d64 class=0x038000'
    gpupass slices "$gpu" | grep -E "$uuid .* in guest1"
    exits 3 gpupass -y slice destroy "$uuid" 2>/tmp/refusal
    grep 'guest guest1 runs with' /tmp/refusal
}

takes_it_back() {
    virsh destroy guest1
    exits 3 gpupass -y slice destroy "$uuid" 2>/tmp/refusal # it is in the definition
    gpupass detach guest1 "$uuid"
    [[ $(virsh dumpxml guest1) != *"type='mdev'"* ]]
    virsh undefine guest1
    gpupass -y slice destroy "$uuid"
    none
    gpupass -y undo
    is_there "$uuid"
    [[ -f $kept/$uuid ]]
    destroys_all
    none
}

survives_kills() {
    recovers_from_kills none destroys_all gpupass -y slice create "$gpu" --type lab_mdev-small --count 2 --persist
}

# The removal in reverse: what was there is there again, or all is gone.
survives_kills_of_destroy() {
    makes_two() { gpupass -y slice create "$gpu" --type lab_mdev-small --count 2 --persist; }
    makes_two
    there >/tmp/two
    two() { diff /tmp/two <(there) && [[ $(find "$kept" -type f | wc -l) == 2 ]]; }
    # shellcheck disable=SC2046  # two words
    recovers_from_kills two makes_two gpupass -y slice destroy $(cat /tmp/two)
    destroys_all
    none
}

# A file says it: by number and by UUID, and what is there already stays.
is_declared() {
    cat >/tmp/node.toml <<END
[gpus."$gpu".slices.types]
"Lab Slice-1" = 2
lab_mdev-large = ["$uuid"]
END
    gpupass export >/tmp/found.toml
    grep '^types = {}' /tmp/found.toml
    exits 9 gpupass assert /tmp/node.toml | tee /tmp/differences
    grep "node.toml:2:1: $gpu is declared to have 2 of type Lab Slice-1, and has 0" /tmp/differences
    gpupass -y apply /tmp/node.toml
    [[ $(there | wc -l) == 3 ]]
    is_there "$uuid"
    gpupass assert /tmp/node.toml
    gpupass -y apply /tmp/node.toml | grep '^nothing to do'
    gpupass export >/tmp/applied.toml
    gpupass assert /tmp/applied.toml
    gpupass -y apply /tmp/applied.toml | grep '^nothing to do'
    none_is_kept
}
none_is_kept() { [[ -z $(ls "$kept" 2>/dev/null) ]]; }

keeps_what_somebody_has() {
    sleep 600 <"/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$uuid/iommu_group")")" &
    exits 3 gpupass -y apply /tmp/found.toml 2>/tmp/refusal
    grep "is held by sleep" /tmp/refusal
    [[ $(there | wc -l) == 3 ]]
    kill $!
    wait $! || true
}

goes_back_as_found() {
    gpupass -y apply /tmp/found.toml
    none
    [[ ! -e /etc/gpupass/slices ]]
    gpupass assert /tmp/found.toml
}

declared_survives_kills() {
    to_found() { gpupass -y apply /tmp/found.toml; }
    no_record_either() { none && [[ ! -e /etc/gpupass/slices ]]; }
    recovers_from_kills no_record_either to_found gpupass -y apply /tmp/node.toml
}

refuses_types_of_another_card() {
    printf 'version: v1\nvgpu-configs:\n  a:\n    - {devices: all, vgpu-devices: {A100-4C: 1}}\n' >/tmp/config.yaml
    exits 0 gpupass -y apply --vgpu-config /tmp/config.yaml | grep '^nothing to do' # no GPU of NVIDIA's
    printf '[gpus."%s".slices.types]\nA100-4C = 1\n' "$gpu" >/tmp/other.toml
    exits 3 gpupass -y apply /tmp/other.toml 2>/tmp/refusal
    grep 'has no type called "A100-4C"' /tmp/refusal
}

# One that is kept, and one that is not.
leaves_two() {
    gpupass -y slice create "$gpu" --type lab_mdev-small --uuid "$uuid" --persist
    gpupass --json history | jq -r '.operations[].id' | sort | tail -n 1 >/share/kept.id
    gpupass -y slice create "$gpu" --type lab_mdev-small
    [[ $(there | wc -l) == 2 ]]
}

comes_with_the_boot() {
    none_is_there
    takes_lab_driver
    eventually 120 is_there "$uuid"
    [[ $(there) == "$uuid" ]]
    gpupass slices "$gpu" | grep -E "$uuid .*at every boot"
}

# What the boot has made by that operation goes with it.
undoes_after_the_boot() {
    gpupass -y undo "$(cat /share/kept.id)"
    none
}

case $boot in
1)
    systemctl start libvirtd
    step "a GPU gets a driver that makes mediated devices" takes_lab_driver
    step "slices shows its types" shows_types
    step "slice create makes what --dry-run has printed, and undo takes it back" makes_what_it_printed
    step "slice create --persist: libvirt and mdevctl keep it" keeps_one
    step "the GPU, and a device that is open, stay" refuses_what_it_would_break
    step "a guest gets it, and sees it; it is not destroyed meanwhile" gives_it_to_a_guest
    step "it is taken back, destroyed, undone, destroyed" takes_it_back
    step "slice create --persist killed after each third write: recover" survives_kills
    step "slice destroy killed after each third write: recover" survives_kills_of_destroy
    step "apply makes what a file declares, and a second one writes nothing" is_declared
    step "a declared device that somebody has open stays" keeps_what_somebody_has
    step "the exported state leads back" goes_back_as_found
    step "apply of slices killed after each third write: recover" declared_survives_kills
    step "types of another card are refused by name" refuses_types_of_another_card
    step "one is kept, another is not" leaves_two
    ;;
2)
    systemctl start libvirtd
    step "after a boot mdevctl makes what is kept, and nothing else" comes_with_the_boot
    step "undo of what was kept, after the boot" undoes_after_the_boot
    end
    exit
    ;;
esac
reboot
