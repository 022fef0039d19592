#!/bin/bash
# Faulty drivers, simulated by module/lab_gpu.c: one whose probe() fails when its GPU returns, and one whose remove()
# never returns. Then only that GPU is unusable until the next boot, and every verb reports it.
# shellcheck source=tests/lab/scenario/steps.sh
source /share/steps.sh

gpu=0000:21:00.0 audio=0000:21:00.1 gpu2=0000:41:00.0
parameters=/sys/module/lab_gpu/parameters
export GPUPASS_WRITE_DEADLINE=60 GPUPASS_DEADLINE=10

# As an administrator who wants this driver would.
moves_to_lab_driver() {
    modprobe lab_gpu
    echo lab_gpu >"/sys/bus/pci/devices/$gpu2/driver_override"
    echo "$gpu2" >"/sys/bus/pci/devices/$gpu2/driver/unbind"
    echo "$gpu2" >/sys/bus/pci/drivers_probe
    echo >"/sys/bus/pci/devices/$gpu2/driver_override"
    on_driver lab_gpu "$gpu2"
    remember_state home
}

# This driver is not known to release devices, so its GPU must be named with --force too.
refuses_an_unknown_driver() {
    exits 3 gpupass bind "$gpu2" --json >/tmp/refusal
    grep 'lab_gpu' /tmp/refusal
}

stays_when_home_fails() {
    refuses_an_unknown_driver
    gpupass bind "$gpu2" --force "$gpu2"
    remember_state vfio
    echo 5 >$parameters/probe_error # EIO
    exits 4 gpupass release "$gpu2" 2>&1 | tee /tmp/failure
    grep -i 'input/output error' /tmp/failure
    same_state vfio
    on_driver vfio-pci "$gpu2"
}

comes_home_when_it_works() {
    echo 0 >$parameters/probe_error
    gpupass release "$gpu2"
    same_state home
}

# Commands that must not wait for the wedged GPU.
readings=("list" "show $gpu2" "show $gpu" "check" "check $gpu2" "groups" "topology" "capture -" "history"
    "-n bind $gpu" "-n bind $gpu2")
reads_quickly() {
    local reading start status
    for reading in "${readings[@]}"; do
        start=$EPOCHREALTIME status=0
        # shellcheck disable=SC2086
        timeout 300 gpupass $reading >/tmp/reading 2>&1 || status=$?
        echo "$(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms: $reading"
        [[ $status == 0 || $status == 3 || $status == 6 ]] # refused by a check, or because it is wedged
    done | tee "$1"
    [[ $(wc -l <"$1") == "${#readings[@]}" ]]
}

# The worker's deadline is 10 s: no command may take nearly that long.
as_quick_as_before() {
    reads_quickly /tmp/after
    paste -d ' ' <(cut -d ' ' -f 1 /tmp/before) /tmp/after | awk '$2 > $1 + 5000 { print; late = 1 } END { exit late }'
}

# With another GPU, which its driver releases once the service that has it open has ended.
hangs() {
    start_exporter
    eventually 60 is_watched
    echo 1 >$parameters/hang
    gpupass bind "$gpu" "$gpu2" --force "$gpu2" --json >/tmp/report 2>/tmp/said &
    echo $! >/tmp/binding
    eventually 60 worker_is_stuck
    exits 3 systemctl is-active dcgm-exporter
}
is_watched() { gpupass -n bind "$gpu" | grep 'stop dcgm-exporter.service'; }
worker_is_stuck() {
    local worker
    for worker in $(pgrep -x gpupass-worker); do ! grep '^State:.D' "/proc/$worker/status" || return 0; done
    return 1
}

# It is not known yet that the write never returns.
is_busy_meanwhile() {
    local start=$SECONDS
    gpupass list >/tmp/list
    gpupass groups >/tmp/groups
    ((SECONDS < start + 10))
    exits 3 gpupass bind "$gpu2" --force "$gpu2" # its earlier state cannot be read
    gpupass -v show "$gpu2" 2>&1 | tee /tmp/shown
    grep "could not see driver_override of $gpu2: .*reading it does not return" /tmp/shown
}

is_noted() {
    eventually 300 gone "$(cat /tmp/binding)"
    cat /tmp/report /tmp/said
    jq -e '.report.outcome == "wedged" and any(.report.steps[]; .result == "wedged")' /tmp/report
    systemctl is-active dcgm-exporter
    on_driver bochs-drm "$gpu"
    on_driver snd_hda_intel "$audio"
    systemctl stop dcgm-exporter
}
gone() { [[ ! -d /proc/$1 ]]; }

is_told_to_all() {
    [[ $(stat -c %a "/run/gpupass/wedged/$gpu2") == 644 ]]
    setpriv --reuid=65534 --regid=65534 --clear-groups gpupass list --json |
        jq -e --arg gpu "$gpu2" '.gpus[] | select(.address == $gpu) | .state == "wedged" and .assignable == "no"
            and (.reasons | index("gpu.wedged"))'
    exits 3 gpupass check "$gpu2" --json >/tmp/check
    jq -e 'any(.findings[]; .id == "gpu.wedged" and .verdict == "fail")' /tmp/check
    gpupass history --json | jq -e '.operations[-1].outcome == "wedged"'
}

other_works() {
    gpupass -n bind "$gpu"
    gpupass bind "$gpu"
    on_driver vfio-pci "$gpu" "$audio"
    gpupass release "$gpu"
    on_driver bochs-drm "$gpu"
    on_driver snd_hda_intel "$audio"
}

written() { find /run/gpupass /var/lib/gpupass -type f ! -name '.*' -printf '%p %s %T@\n' | grep -v /locks/ | sort; }

# refused STATUS COMMAND...: the command is refused before it writes anything.
refused() {
    written >/tmp/written
    exits "$@"
    diff /tmp/written <(written)
}
refuses_it() {
    refused 6 gpupass bind "$gpu2" --force "$gpu2"
    refused 6 gpupass -n bind "$gpu2"
    refused 6 gpupass release "$gpu2"
    refused 6 gpupass -y recover
    refused 6 gpupass -n recover
}

recovers_the_other() {
    LD_PRELOAD=/opt/gpupass/kill_at.so KILL_AT=6 exits 137 gpupass bind "$gpu"
    [[ $(driver_of "$gpu") != bochs-drm || $(cat "/sys/bus/pci/devices/$gpu/driver_override") != "(null)" ]] ||
        ls /run/gpupass/home
    # The write of the killed gpupass may still keep others out.
    eventually 60 recovers_all_but_the_wedged
    on_driver bochs-drm "$gpu"
    on_driver snd_hda_intel "$audio"
    [[ $(gpupass history --json | jq -c '[.operations[] | select(.outcome == "wedged" or .outcome == "interrupted")
        | .outcome]') == '["wedged"]' ]]
}
recovers_all_but_the_wedged() { exits 6 gpupass -y recover; }

is_found_after_reboot() {
    ls /run/gpupass 2>/dev/null || true
    gpupass list --json | jq -e --arg gpu "$gpu2" '.gpus[] | select(.address == $gpu)
        | .state == "host" and .driver == "bochs-drm" and .assignable == "yes"'
    gpupass history --json | jq -e '.operations | map(.outcome) | index("wedged")'
    gpupass -y recover
    gpupass history --json | jq -e '.operations | map(.outcome) | index("wedged") | not'
    gpupass bind "$gpu2"
    on_driver vfio-pci "$gpu2"
    gpupass release "$gpu2"
    same_state
}

if [[ $boot == 1 ]]; then
    step "record the state before" remember_state
    step "the second GPU is on a driver of ours" moves_to_lab_driver
    step "release to a driver whose probe fails: as it was, on vfio-pci" stays_when_home_fails
    step "release once it works: home" comes_home_when_it_works
    step "what reading takes before" reads_quickly /tmp/before
    step "bind of a GPU whose driver never lets go" hangs
    step "while it waits: list answers, show says unknown, another bind is refused" is_busy_meanwhile
    step "at its deadline it says wedged; the other GPU is home, and what was stopped runs again" is_noted
    step "list, check and history tell everybody" is_told_to_all
    step "what reading takes with a wedged GPU: as before" as_quick_as_before
    step "the other GPU is bound and released" other_works
    step "the wedged GPU is refused, and nothing is written" refuses_it
    step "the other GPU's cut-off bind is recovered, the wedged one's is not" recovers_the_other
    # A kernel that shuts down takes each device's lock, and would wait for this one for ever.
    journalctl -b --no-pager >>/share/journal.log
    power_cut
fi
step "after the reboot it is as found; recover closes the operation" is_found_after_reboot
end
