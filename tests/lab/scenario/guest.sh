#!/bin/bash
# How guests release devices: a guest that does not answer, one that ends during the request, a paused one, and a
# libvirtd that stops meanwhile. Then a GPU is attached to a guest and detached many times: nothing may leak.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0 gpu3=0000:42:00.0 gpu4=0000:22:00.0
cycles=$(cat /share/cycles)
small=(--vcpus 1 --memory 256M --virt-type qemu --firmware bios)

# A guest without an operating system stays in its firmware, which has no hot-plug.
make_deaf_base() {
    sed -e 's/guest1/deaf/g' -e '/<kernel>/d; /<initrd>/d; /<cmdline>/d' /share/base.xml >/tmp/deaf.xml
    eventually 120 on_driver bochs-drm "$gpu" "$gpu2" "$gpu3" "$gpu4" # udev may still be binding them
    eventually 120 on_driver snd_hda_intel "$audio"
    remember_state
}

starts_guests() {
    gpupass define guest1 --start --gpu "$gpu3" --vcpus 2 --memory 512M --virt-type qemu --firmware bios \
        --base /share/base.xml
    gpupass define deaf --start --gpu "$gpu2" "${small[@]}" --base /tmp/deaf.xml
}

bus_slot() { echo "bus='0x${1:5:2}' slot='0x${1:8:2}' function='0x${1:11:1}'"; }
lives_with() { virsh dumpxml "$1" | grep -q "<address domain='0x0000' $(bus_slot "$2")"; }
lives_without() { virsh dumpxml "$1" >/tmp/live.xml && ! grep "<address domain='0x0000' $(bus_slot "$2")" /tmp/live.xml; }
defined_with() { virsh dumpxml --inactive "$1" | grep -q "<address domain='0x0000' $(bus_slot "$2")"; }
defined_without() {
    virsh dumpxml --inactive "$1" >/tmp/inactive.xml && ! grep "<address domain='0x0000' $(bus_slot "$2")" /tmp/inactive.xml
}
last_outcome() { gpupass history --json | jq -r '.operations[-1].outcome'; }

deaf_guest_is_pending() {
    exits 7 gpupass detach deaf "$gpu2" --timeout 5 2>&1 | tee /tmp/pending
    grep -q "^detach $gpu2 from the definition of guest deaf  *done" /tmp/pending
    grep -q "^detach $gpu2 from guest deaf while it runs  *pending" /tmp/pending
    grep -q "^next: the definition of deaf no longer has $gpu2; only the running guest may still have it" /tmp/pending
    grep -q "^next: gpupass detach deaf $gpu2 --live" /tmp/pending
    lives_with deaf "$gpu2"
    defined_without deaf "$gpu2"
    [[ $(last_outcome) == pending ]]
    gpupass history | grep pending
}

is_not_released_while_pending() {
    exits 3 gpupass release "$gpu2" 2>&1 | tee /tmp/refusal
    grep -q "guest deaf runs with $gpu2" /tmp/refusal
    on_driver vfio-pci "$gpu2"
}

detach_again_goes_on() {
    exits 7 gpupass detach deaf "$gpu2" --timeout 5 --json | tee /tmp/pending.json
    jq -e '.report.outcome == "pending" and (.report.steps | length) == 1 and (.report.next | length) == 4' /tmp/pending.json
}

two_at_once_on_one_guest() {
    local first status=0
    gpupass detach deaf "$gpu2" --timeout 30 &
    first=$!
    eventually 30 waits_for deaf
    exits 8 gpupass detach deaf "$gpu2"
    exits 8 gpupass attach deaf "$gpu" --config
    on_driver bochs-drm "$gpu"
    wait $first || status=$?
    [[ $status == 7 ]]
}
# The operation of a running gpupass has no outcome yet.
waits_for() {
    gpupass history --json | jq -e --arg guest "$1" \
        '.operations[-1] | .outcome == "interrupted" and (.steps[-1].summary | contains($guest))' >/dev/null
}

# Once during the request, and once during the wait after it.
libvirtd_restarts_under_a_deaf_guest() {
    local detach status=0
    gpupass detach deaf "$gpu2" --timeout 40 &
    detach=$!
    eventually 30 waits_for deaf
    sleep 1
    systemctl restart libvirtd
    sleep 8
    pkill -9 -x libvirtd
    systemctl start libvirtd
    wait $detach || status=$?
    [[ $status == 7 ]]
    lives_with deaf "$gpu2"
    [[ $(last_outcome) == pending ]]
}

guest_destroyed_while_asked() {
    local detach
    gpupass detach deaf "$gpu2" --timeout 120 &
    detach=$!
    eventually 30 waits_for deaf
    sleep 1
    virsh destroy deaf
    wait $detach
    [[ $(last_outcome) == "done" ]]
    defined_without deaf "$gpu2"
}

guest_that_is_off() {
    gpupass detach deaf "$gpu2" --json | jq -e '.report.outcome == "already"'
    exits 3 gpupass attach deaf "$gpu2" --live
    gpupass attach deaf "$gpu2"
    defined_with deaf "$gpu2"
    [[ $(virsh domstate deaf) == "shut off"* ]]
}

# The guest is undefined first, so it is transient and vanishes when it ends.
guest_vanishes_while_asked() {
    local detach
    virsh start deaf
    gpupass detach deaf "$gpu2" --live --timeout 120 &
    detach=$!
    eventually 30 waits_for deaf
    virsh undefine deaf
    sleep 6
    virsh destroy deaf
    wait $detach
    ! virsh domstate deaf
}

killed_while_asking_and_guest_destroyed() {
    local detach
    gpupass define deaf --start --gpu "$gpu2" "${small[@]}" --base /tmp/deaf.xml
    gpupass detach deaf "$gpu2" --live --timeout 120 &
    detach=$!
    eventually 30 waits_for deaf
    kill -9 $detach
    virsh destroy deaf
    eventually 60 gpupass -q -y recover
    [[ $(last_outcome) != interrupted ]]
    gpupass detach deaf "$gpu2" --config
    virsh undefine deaf
}

# libvirt 9.0: "cannot hot unplug hostdev device with multifunction PCI guest address".
cold_card_of_two_functions() {
    gpupass define deaf --start --gpu "$gpu" "${small[@]}" --base /tmp/deaf.xml
    exits 3 gpupass detach deaf "$gpu" 2>&1 | tee /tmp/refusal
    grep -q 'in one slot of the guest with another function' /tmp/refusal
    lives_with deaf "$gpu"
    defined_with deaf "$gpu"
    gpupass detach deaf "$gpu" --config
    defined_without deaf "$audio"
    virsh destroy deaf
    virsh undefine deaf
}

guest_is_up() {
    [[ $(virsh domstate guest1) == running* ]] # otherwise the wait would be pointless
    eventually 600 guest_saw up
}
appeared() { (($(guest_saw '\+' | wc -l) >= $1)); }
vanished() { (($(guest_saw '-' | wc -l) >= $1)); }

paused_guest() {
    eventually 120 appeared 1 # the GPU with which the guest was started
    virsh suspend guest1
    gpupass attach guest1 "$gpu2" --live 2>&1 | tee /tmp/attached
    grep 'guest1 is paused: it sees the new devices only after it is resumed' /tmp/attached
    lives_with guest1 "$gpu2"
    exits 3 gpupass detach guest1 "$gpu2" 2>&1 | tee /tmp/refusal
    grep 'saw it paused' /tmp/refusal
    lives_with guest1 "$gpu2"
    virsh resume guest1
    eventually 300 appeared 2
    gpupass detach guest1 "$gpu2" --live
    lives_without guest1 "$gpu2"
    eventually 120 vanished 1
}

libvirtd_restarts_while_a_guest_lets_go() {
    local detach
    gpupass attach guest1 "$gpu2" --live
    eventually 300 appeared 3
    gpupass detach guest1 "$gpu2" --live --timeout 120 &
    detach=$!
    eventually 30 waits_for guest1
    systemctl restart libvirtd
    wait $detach
    lives_without guest1 "$gpu2"
    eventually 120 vanished 2
}

live_card_of_two_functions() {
    gpupass attach guest1 "$gpu" --live 2>&1 | tee /tmp/attached
    grep 'in slots of their own' /tmp/attached
    lives_with guest1 "$gpu"
    lives_with guest1 "$audio"
    eventually 300 appeared 4
    gpupass detach guest1 "$gpu"
    lives_without guest1 "$gpu"
    lives_without guest1 "$audio"
    eventually 120 vanished 3
    gpupass release "$gpu"
    on_driver snd_hda_intel "$audio"
}

# If all ports of the guest are in use, the command is refused before anything is bound.
refuses_without_ports() {
    local port taken=()
    for port in 1 2 3 4 5 6 7 8; do
        virsh dumpxml guest1 | grep -q "<controller type='pci' index='$port' model='pcie-root-port'" || continue
        echo "<rng model='virtio'><backend model='random'>/dev/urandom</backend>
            <address type='pci' domain='0' bus='$port' slot='0' function='0'/></rng>" >/tmp/rng.xml
        if virsh attach-device guest1 --live /tmp/rng.xml; then taken+=("$port"); fi
    done
    echo "taken: ${taken[*]}"
    exits 3 gpupass attach guest1 "$gpu" --live 2>&1 | tee /tmp/refusal
    grep 'saw 0 free PCI Express ports' /tmp/refusal
    on_driver bochs-drm "$gpu"
}

libvirtd() { pgrep -o -x libvirtd; }
guest_process() { pgrep -o -f 'qemu-system-x86_64 -name guest=guest1,'; }
open_files() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
memory_kib() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }
measure() {
    echo "$(open_files "$(libvirtd)") $(open_files "$(guest_process)") $(memory_kib "$(libvirtd)")" \
        "$(find /run/gpupass/locks -type f | wc -l) $(find /var/lib/gpupass/journal -type f | wc -l)"
}

# The GPU is on the other node, so it gets a port of the guest's root bus, and is released at once. At a port of an
# expander, as above, PCI Express hot-plug waits for five seconds, in which the request can be withdrawn.
cycle() {
    gpupass -q attach guest1 "$gpu4" --live >/tmp/cycle
    eventually 300 appeared $((seen + $1))
    gpupass -q detach guest1 "$gpu4" --live >/tmp/cycle
    eventually 300 vanished $((gone + $1))
}

# The first cycle may allocate resources that the next ones reuse; later cycles must not allocate more. libvirtd's
# allocator may keep a little memory of each connection.
cycles_leak_nothing() {
    local seen gone number start before after
    seen=$(guest_saw '\+' | wc -l)
    gone=$(guest_saw '-' | wc -l)
    cycle 1
    before=$(measure)
    start=$SECONDS
    for ((number = 2; number < 2 + cycles; number++)); do
        cycle $number
        ((number % 10)) || echo "after cycle $number: $(measure)"
    done
    after=$(measure)
    echo "files of libvirtd, files of QEMU, KiB of libvirtd, locks, operations in the journal"
    echo "before: $before"
    echo "after:  $after"
    echo "$cycles cycles in $((SECONDS - start)) s" | tee -a /share/cycles.txt
    printf '%s\n%s\n' "before: $before" "after: $after" >>/share/cycles.txt
    read -ra before <<<"$before"
    read -ra after <<<"$after"
    ((after[0] <= before[0] + 2))
    ((after[1] <= before[1]))
    ((after[2] <= before[2] + 4096 + 32 * cycles))
    ((after[3] == before[3]))
    ((after[4] <= 100))
    ((after[4] == 100 || after[4] == before[4] + 2 * cycles))
    ! pgrep -x gpupass-worker
}

ends() {
    virsh destroy guest1
    virsh undefine guest1
    gpupass release "$gpu2" "$gpu3" "$gpu4"
    same_state
}

step "record the state before" make_deaf_base
step "define --start of two guests, one without an operating system" starts_guests
step "detach from a guest that ignores it: pending, exit status 7, and what to do next" deaf_guest_is_pending
step "a GPU that is pending is not released" is_not_released_while_pending
step "detach again goes on from there" detach_again_goes_on
step "two at once on one guest: one waits, the others are told" two_at_once_on_one_guest
step "libvirtd restarted and killed meanwhile: pending still, nothing is undone" libvirtd_restarts_under_a_deaf_guest
step "guest destroyed meanwhile: the device is free" guest_destroyed_while_asked
step "a guest that is off: its definition alone" guest_that_is_off
step "guest undefined and destroyed meanwhile: the device is free" guest_vanishes_while_asked
step "killed meanwhile, and the guest destroyed: recover has nothing to give back" killed_while_asking_and_guest_destroyed
step "a card of two functions in one slot: refused as it runs" cold_card_of_two_functions
step "the other guest is up" guest_is_up
step "a paused guest is given a GPU, and not asked for one" paused_guest
step "libvirtd restarted while a guest lets go: gone" libvirtd_restarts_while_a_guest_lets_go
step "a card of two functions given to a guest as it runs, and taken back" live_card_of_two_functions
step "$cycles times attached and detached: nothing leaks" cycles_leak_nothing
step "no port left: refused before anything is bound" refuses_without_ports
step "the state afterwards is the state before" ends
cat "$guest_console" >/share/guest.console
end
