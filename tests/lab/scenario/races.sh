#!/bin/bash
# Others change what gpupass works on: devices vanish and come back, drivers change under it, and two gpupass want the
# same cards. No command crashes, hangs or leaves what nobody asked for.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0 gpu3=0000:42:00.0 gpu4=0000:22:00.0
rounds=$(cat /share/rounds)
devices=/sys/bus/pci/devices

# gpupass that must end: its exit status is in $status.
run() {
    status=0
    timeout -s KILL 300 "$@" >/tmp/said.$BASHPID 2>&1 || status=$?
}

# One of these statuses: done, usage (no such device now), failed, refused, rolled back, or busy. A rollback may be
# incomplete while others remove its devices.
expected_end() { [[ $1 =~ ^[0123458]$ ]]; }

# Nothing is interrupted, and nobody holds a lock.
is_settled() {
    gpupass -q -y recover && nothing_is_interrupted && exits 1 pgrep -x gpupass-worker &&
        find /run/gpupass/locks -type f ! -exec flock -n {} true \; -print | (! grep .)
}

# Each GPU is on its own driver or on vfio-pci.
settled_cards() {
    local device
    for device in "$gpu" "$gpu2" "$gpu3" "$gpu4"; do
        [[ $(driver_of "$device") =~ ^(vfio-pci|bochs-drm)$ ]] || { echo "$device is on $(driver_of "$device")"; return 1; }
    done
    audio_goes_along
}
audio_goes_along() { on_driver "$([[ $(driver_of "$gpu") == vfio-pci ]] && echo vfio-pci || echo snd_hda_intel)" "$audio"; }

release_all() { gpupass -q release "$gpu" "$gpu2" "$gpu3" "$gpu4"; }

# again NAME COMMAND...: until the storm is over; each exit status is a line of a file.
again() {
    local name=$1 status
    shift
    : >"/tmp/storm.$name"
    while [[ -e /tmp/storm ]]; do
        run "$@"
        echo "exit $status" >>"/tmp/storm.$name"
        expected_end "$status" || { echo "$name: exit status $status"; cat "/tmp/said.$BASHPID"; } >>/tmp/storm.wrong
    done
}

# The port of the third GPU goes with what is below it.
storm() {
    local round port process processes=()
    port=$(basename "$(dirname "$(readlink -f "$devices/$gpu3")")")
    : >/tmp/storm.wrong
    touch /tmp/storm
    again list gpupass list & processes+=($!)
    again check gpupass check & processes+=($!)
    again bind gpupass -q bind "$gpu2" "$gpu4" & processes+=($!)
    again release gpupass -q release "$gpu2" "$gpu4" & processes+=($!)
    again bind-port gpupass -q bind "$gpu3" & processes+=($!)
    for ((round = 0; round < rounds; round++)); do
        for device in "$gpu2" "$port" "$gpu4"; do
            ((RANDOM % 2)) || echo 1 >"$devices/$device/remove" || true
        done
        sleep "0.$((RANDOM % 5))"
        echo 1 >/sys/bus/pci/rescan
        sleep "0.$((RANDOM % 5))"
    done
    rm /tmp/storm
    for process in "${processes[@]}"; do wait "$process"; done
    for name in list check bind release bind-port; do echo "$name: $(tally /tmp/storm.$name)"; done |
        sed "1i removed and rescanned $rounds times" | tee /tmp/counts
    notes /tmp/counts
    cat /tmp/storm.wrong
    [[ ! -s /tmp/storm.wrong ]]
    eventually 120 is_settled
    settled_cards
    release_all
    eventually 60 same_devices
}

# to DRIVER DEVICE: as an administrator does it; "" is whichever driver the kernel chooses.
to() {
    echo "$1" >"$devices/$2/driver_override"
    echo "$2" >"$devices/$2/driver/unbind" || true
    echo "$2" >/sys/bus/pci/drivers_probe || true
}

# others_move DRIVER ASKED COMMAND...: stops the command before its first write, its second, and so on, moves the GPU to
# this driver, and lets the command go on. Then the GPU is on ASKED, as it was found, or as the others left it; its audio
# function, which nobody else touches, is as found or as asked.
others_move() {
    local driver=$1 asked=$2 found found_audio process stops=0 status now
    shift 2
    while :; do
        found=$(driver_of "$gpu") found_audio=$(driver_of "$audio")
        LD_PRELOAD=/opt/gpupass/kill_at.so KILL_WITH=stop KILL_WHEN=before KILL_AT=$((stops + 1)) "$@" >/tmp/said 2>&1 &
        process=$!
        eventually 120 stopped_or_gone $process
        grep -q '^State:.T' "/proc/$process/status" || break
        stops=$((stops + 1))
        to "$driver" "$gpu"
        kill -CONT $process
        status=0
        wait $process || status=$?
        echo "stop $stops: $found, others ${driver:-home}, exit $status, now $(driver_of "$gpu"): $(head -n 1 /tmp/said)"
        echo "exit $status" >>/tmp/moves
        [[ $status =~ ^[013458]$ && ($status == 0 || -s /tmp/said) ]]
        eventually 60 gpupass -q -y recover
        now=$(driver_of "$gpu")
        [[ $now == "$found" || $now == "${driver:-bochs-drm}" || ($status == 0 && $now == "$asked") ]]
        [[ $status == 0 || $(driver_of "$audio") == "$found_audio" ]]
        goes_back
    done
    wait $process
    goes_back
    ((stops > 3))
}
stopped_or_gone() { ! grep -q '^State:.[^TZ]' "/proc/$1/status"; }

goes_home() {
    gpupass -q release "$gpu"
    to '' "$gpu"
    same_devices
}
goes_to_vfio() {
    goes_home
    gpupass -q bind "$gpu"
}

others_rebind() {
    local driver
    modprobe lab_gpu
    : >/tmp/moves
    goes_back() { goes_home; }
    for driver in lab_gpu vfio-pci; do others_move $driver vfio-pci gpupass -q bind "$gpu"; done
    goes_back() { goes_to_vfio; }
    goes_back
    for driver in lab_gpu ''; do others_move "$driver" bochs-drm gpupass -q release "$gpu"; done
    goes_home
    echo "stopped before a write, and the driver changed by others: $(tally /tmp/moves)" >/tmp/counts
    notes /tmp/counts
}

# The plan is shown, and the question stands.
others_move_while_asked() {
    local process status=0
    mkfifo /tmp/answer
    script -qec "gpupass bind $gpu" /dev/null </tmp/answer >/tmp/asked 2>&1 &
    process=$!
    exec 3>/tmp/answer
    eventually 120 grep -qi 'y/n' /tmp/asked
    to lab_gpu "$gpu"
    echo y >&3
    wait $process || status=$?
    exec 3>&-
    rm /tmp/answer
    cat /tmp/asked
    [[ $status == 3 ]] # it looks again, and finds a driver that it does not know
    grep -i 'lab_gpu' /tmp/asked
    on_driver lab_gpu "$gpu"
    on_driver snd_hda_intel "$audio"
    goes_home
}

# The GPU is gone before each write of the command, and comes back only after recover.
vanishes() {
    local process stops=0 status
    : >/tmp/moves
    while :; do
        LD_PRELOAD=/opt/gpupass/kill_at.so KILL_WITH=stop KILL_WHEN=before KILL_AT=$((stops + 1)) \
            gpupass -q bind "$gpu2" "$gpu4" >/tmp/said 2>&1 &
        process=$!
        eventually 120 stopped_or_gone $process
        grep -q '^State:.T' "/proc/$process/status" || break
        stops=$((stops + 1))
        echo 1 >"$devices/$gpu2/remove"
        kill -CONT $process
        status=0
        wait $process || status=$?
        echo "stop $stops: exit $status: $(head -n 1 /tmp/said)"
        echo "exit $status" >>/tmp/moves
        [[ $status =~ ^[0148]$ ]]
        eventually 60 is_settled
        gpupass -q release "$gpu4"
        echo 1 >/sys/bus/pci/rescan
        eventually 60 on_driver bochs-drm "$gpu2"
        gpupass -q release "$gpu2"
        same_devices
    done
    wait $process
    release_all
    same_devices
    echo "removed before a write: $(tally /tmp/moves)" >/tmp/counts
    notes /tmp/counts
    ((stops > 3))
}

# At no known moment.
others_rebind_all_the_time() {
    local round process
    : >/tmp/moves
    touch /tmp/storm
    while [[ -e /tmp/storm ]]; do
        to lab_gpu "$gpu"
        to '' "$gpu"
        to vfio-pci "$gpu"
    done 2>/dev/null &
    process=$!
    for ((round = 0; round < rounds; round++)); do
        for verb in bind release; do
            run gpupass -q $verb "$gpu" "$gpu4"
            echo "exit $status" >>/tmp/moves
            expected_end "$status" || { cat "/tmp/said.$BASHPID"; return 1; }
        done
    done
    rm /tmp/storm
    wait $process
    echo "the driver changed by others all the time: $(tally /tmp/moves)" >/tmp/counts
    notes /tmp/counts
    eventually 60 is_settled
    release_all
    goes_home
}

# Two at once on cards that overlap. Each ends done, busy or refused; each card is as it was, or as one that is done asked.
two_at_once() {
    local round cards first second status1 status2 device verb ok
    local sets=("$gpu" "$gpu $gpu2" "$gpu2 $gpu4" "$gpu $gpu4" "$gpu $gpu2 $gpu4")
    : >/tmp/pairs
    for ((round = 0; round < rounds; round++)); do
        local -A before=() now=()
        for device in "$gpu" "$gpu2" "$gpu4"; do before[$device]=$(driver_of "$device"); done
        first="$(verb) ${sets[RANDOM % 5]}" second="$(verb) ${sets[RANDOM % 5]}"
        # shellcheck disable=SC2086
        timeout -s KILL 300 gpupass -q $first >/tmp/first 2>&1 & cards=$!
        status2=0 status1=0
        # shellcheck disable=SC2086
        timeout -s KILL 300 gpupass -q $second >/tmp/second 2>&1 || status2=$?
        wait $cards || status1=$?
        echo "exit $status1 and $status2" >>/tmp/pairs
        ok=yes
        [[ $status1 =~ ^[038]$ && $status2 =~ ^[038]$ ]] || ok=no
        for device in "$gpu" "$gpu2" "$gpu4"; do
            now[$device]=$(driver_of "$device")
            was_asked "$device" || ok=no
        done
        audio_goes_along || ok=no
        [[ $ok == yes ]] || {
            echo "round $round: $first: $status1; $second: $status2"
            for device in "$gpu" "$gpu2" "$gpu4"; do echo "$device: ${before[$device]}, ${now[$device]}"; done
            cat /tmp/first /tmp/second
            return 1
        }
    done
    eventually 60 is_settled
    echo "two at once $rounds times: $(tally /tmp/pairs)" >/tmp/counts
    notes /tmp/counts
    release_all
    same_devices
}
verb() { ((RANDOM % 2)) && echo bind || echo release; }
was_asked() {
    local asked=()
    [[ $status1 != 0 || $first != *$1* ]] || asked+=("${first%% *}")
    [[ $status2 != 0 || $second != *$1* ]] || asked+=("${second%% *}")
    case ${asked[*]} in
    '') [[ ${now[$1]} == "${before[$1]}" ]] ;;
    *bind*release* | *release*bind*) [[ ${now[$1]} =~ ^(vfio-pci|bochs-drm)$ ]] ;;
    *bind*) [[ ${now[$1]} == vfio-pci ]] ;;
    *) [[ ${now[$1]} == bochs-drm ]] ;;
    esac
}

step "record the state before" remember_state
step "devices removed and rescanned while others list, check, bind and release" storm
step "others change the driver before each write: refused, or undone, or done" others_rebind
step "others change the driver while the question stands: refused" others_move_while_asked
step "a GPU vanishes before each write: its card alone is not put back" vanishes
step "others change the driver all the time" others_rebind_all_the_time
step "two at once on cards that overlap, $rounds times" two_at_once
step "the state afterwards is the state before" same_state
end
