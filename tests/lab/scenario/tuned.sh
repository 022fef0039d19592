#!/bin/bash
# A host that is tuned while guests with GPUs run: by the hook when they start and end, however they end, and by the verb;
# as found afterwards, and wherever gpupass dies.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1
balancing=/proc/sys/kernel/numa_balancing ksm=/sys/kernel/mm/ksm/run
# Use the installed program, as the hook does.
export PATH=${PATH#/opt/gpupass:}
unset LD_LIBRARY_PATH

# The set of a unit of systemd; one of all CPUs is none.
services() { { cat "/sys/fs/cgroup/$1/cpuset.cpus" 2>/dev/null || true; } | sed "s/^$(cat /sys/devices/system/cpu/online)\$//"; }
tuning() {
    paste -sd ' ' $balancing $ksm
    for unit in init.scope system.slice user.slice; do echo "$unit $(services $unit)"; done
}
is_untuned() { diff /tmp/untuned <(tuning); }
is_tuned() {
    [[ $(cat $balancing) == 0 && $(cat $ksm) == 0 ]]
    local unit
    for unit in init.scope system.slice user.slice; do [[ $(services $unit) == "$(cat /tmp/others)" ]]; done
}

# range FIRST LAST: as the kernel prints it.
range() { if (($1 < $2)); then echo "$1-$2"; elif (($1 == $2)); then echo "$1"; fi; }
# all_but CPU, or FIRST-LAST: the other CPUs.
all_but() { { range 0 $((${1%-*} - 1)) && range $((${1#*-} + 1)) $(($(nproc --all) - 1)); } | paste -sd ,; }

installs() {
    cp -a /share/install/. /
    ldconfig
    eventually 120 on_driver bochs-drm "$gpu"
    eventually 120 on_driver snd_hda_intel "$audio"
    remember_state
    echo 1 >$ksm
    echo 1 >$balancing
    gpupass -y hook install
    systemctl restart libvirtd
    gpupass -y define guest1 --gpu "$gpu" --vcpus 1 --memory 512M --virt-type qemu --firmware bios --base /share/base.xml
    tuning | tee /tmp/untuned
    # What is left to services: all CPUs but the guest's.
    local cpu
    cpu=$(virsh dumpxml guest1 | sed -n "s/.*<vcpupin vcpu='0' cpuset='\([0-9,-]*\)'.*/\1/p")
    all_but "$cpu" >/tmp/others
    echo "the guest has CPU $cpu, services keep $(cat /tmp/others)"
    [[ -s /tmp/others ]]
}

is_declared() {
    cat >/tmp/node.toml <<'END'
[host]
tune = ["governor", "interrupts", "ksm", "numa-balancing", "services"]
END
    gpupass -y apply /tmp/node.toml
    gpupass assert /tmp/node.toml
    is_untuned # No guest runs.
}

is_tuned_for_a_guest_that_anybody_starts() {
    virsh start guest1
    on_driver vfio-pci "$gpu" "$audio"
    is_tuned
    grep -q guest1 /run/gpupass/tuned
    gpupass -y tune | grep '^nothing to do'
}

is_untuned_when_it_is_destroyed() {
    virsh destroy guest1
    eventually 60 is_untuned
    eventually 60 same_devices
    [[ ! -e /run/gpupass/tuned ]]
}

is_untuned_when_qemu_is_killed() {
    virsh start guest1
    is_tuned
    pkill -9 -f guest=guest1
    eventually 60 is_untuned
    eventually 60 same_devices
}

# What nobody's hook saw, the verb sees.
is_mended_by_the_verb() {
    virsh start guest1
    mv /usr/local/bin/gpupass /tmp/gpupass.real
    virsh destroy guest1
    mv /tmp/gpupass.real /usr/local/bin/gpupass
    is_tuned
    gpupass -y tune
    is_untuned
    gpupass -y release "$gpu"
    same_devices
}

what_the_user_sets_meanwhile_is_his() {
    virsh start guest1
    echo 2 >$ksm
    virsh destroy guest1
    eventually 60 test "$(cat $balancing)" == 1
    [[ $(cat $ksm) == 2 ]]
    echo 1 >$ksm
    eventually 60 is_untuned
}

is_as_before_wherever_it_dies() {
    virsh start guest1
    gpupass -y tune --undo
    is_untuned
    back() { gpupass -y tune --undo; }
    recovers_from_kills is_untuned back gpupass -y tune
    virsh destroy guest1
    eventually 60 same_devices
}

# The timer does what the verb does, without an administrator.
a_timer_tunes() {
    virsh start guest1
    gpupass -y tune --undo
    systemctl start gpupass-tune.timer
    eventually 300 is_tuned
    systemctl stop gpupass-tune.timer
    virsh destroy guest1
    eventually 60 is_untuned
    nothing_is_interrupted
}

step "install, with a hook" installs
step "the tuning is declared" is_declared
step "virsh start tunes the host" is_tuned_for_a_guest_that_anybody_starts
step "virsh destroy: as found" is_untuned_when_it_is_destroyed
step "QEMU killed: as found" is_untuned_when_qemu_is_killed
step "a guest that ended unseen: the verb takes the tuning back" is_mended_by_the_verb
step "what the user sets meanwhile stays" what_the_user_sets_meanwhile_is_his
step "tune is as found or as asked wherever it dies" is_as_before_wherever_it_dies
step "the timer tunes too" a_timer_tunes
end
