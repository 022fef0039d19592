# Sourced by every scenario, inside the emulated host: steps, and functions that examine the host.
# shellcheck shell=bash

touch /share/up # tells run.sh that the scenario runs
mkdir -p /opt/gpupass
cp -d /share/bin/* /opt/gpupass/ # running programs over 9p is slow
export PATH=/opt/gpupass:$PATH LD_LIBRARY_PATH=/opt/gpupass LC_ALL=C
export GPUPASS_DEADLINE=120 # a guest that starts at the same time slows this machine

# step NAME COMMAND...: runs the command, usually a function of the scenario, until its first
# failing command. Writes one line to the report, which the development machine prints. The output of
# the command goes to steps.log, and to the report if it failed.
step() {
    local name=$1 start=$EPOCHREALTIME verdict=ok status seconds
    shift
    (
        set -eEuo pipefail
        trap 'echo "failed (status $?): $BASH_COMMAND" >&2' ERR
        "$@"
    ) >/tmp/step 2>&1 </dev/null
    status=$? # With `( ... ) || verdict=FAIL` bash would ignore failing commands.
    ((status == 0)) || verdict=FAIL
    seconds=$(((${EPOCHREALTIME/./} - ${start/./}) / 100000))
    printf '%-4s %5d.%d  %s\n' "$verdict" $((seconds / 10)) $((seconds % 10)) "$name" >>/share/report
    { echo "== $name"; cat /tmp/step; } >>/share/steps.log
    [[ $verdict == ok ]] || tail -n 40 /tmp/step | sed 's/^/      | /' >>/share/report
}

# notes FILE: copies its lines, usually figures, to the report.
notes() { sed 's/^/note           /' "$1" >>/share/report; }

# exits STATUS COMMAND...: true if the command exits with this status.
exits() {
    local expected=$1 status=0
    shift
    "$@" || status=$?
    [[ $status == "$expected" ]] || { echo "exit status $status, expected $expected: $*"; return 1; }
}

# eventually SECONDS COMMAND...: true as soon as the command is true. Emulation is slow: be generous.
eventually() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || { echo "not within its time: $*"; return 1; }
        sleep 0.5
    done
}

driver_of() {
    local link
    link=$(readlink "/sys/bus/pci/devices/$1/driver") && basename "$link" || echo none
}

on_driver() {
    local driver=$1 device
    shift
    for device; do
        [[ $(driver_of "$device") == "$driver" ]] ||
            { echo "$device is on $(driver_of "$device"), expected $driver"; return 1; }
    done
}

# bind_lab_mdev GPU: to the lab's driver that makes mediated devices, as an administrator who wants it would.
bind_lab_mdev() {
    modprobe lab_mdev
    echo lab_mdev >"/sys/bus/pci/devices/$1/driver_override"
    echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
    echo "$1" >/sys/bus/pci/drivers_probe
    echo >"/sys/bus/pci/devices/$1/driver_override"
    on_driver lab_mdev "$1"
}

# Everything that a release must restore: drivers, groups, overrides, and bind's records.
device_state() {
    find /sys/bus/pci/devices/*/ -maxdepth 1 \( -name driver -o -name iommu_group \) -printf '%h %f %l\n'
    grep -H . /sys/bus/pci/devices/*/driver_override
    find /run/gpupass -path '*/home/*' 2>/dev/null || true
}

# libvirt's view: guests and their host devices, running and defined.
guest_state() {
    local name
    virsh nodedev-list --cap pci
    virsh list --all
    for name in $(virsh list --name); do virsh dumpxml "$name" | grep -A 8 '<hostdev' || true; done
    for name in $(virsh list --all --name); do virsh dumpxml --inactive "$name" | grep -A 8 '<hostdev' || true; done
}

# Saves the state of the host under a name in the share, where it survives a boot.
remember_state() {
    device_state >"/share/${1:-before}.devices"
    guest_state >"/share/${1:-before}.guests"
}
same_devices() { diff "/share/${1:-before}.devices" <(device_state); }
same_state() {
    same_devices "${1:-before}" && diff "/share/${1:-before}.guests" <(guest_state)
}

# unchanged COMMAND...: true if the command succeeds and the host is in the remembered state.
unchanged() {
    "$@"
    same_state
}

# recovers_from_kills SAME BACK COMMAND...: kills the command after its first write, and so on until it ends: after each
# one, or after each third to take less time (GPUPASS_LAB_KILLS). After each kill recover restores the host, which SAME verifies, or finds the change complete, and then BACK
# undoes it.
recovers_from_kills() {
    local same=$1 back=$2 at=1 every kills=0 status undone=0
    every=$(cat /share/kills)
    shift 2
    while :; do
        status=0
        LD_PRELOAD=/opt/gpupass/kill_at.so KILL_AT=$at "$@" || status=$?
        [[ $status == 137 ]] || break
        kills=$((kills + 1)) at=$((at + every))
        # A request of the killed process may still be running: until it ends, recover reports busy.
        eventually 120 gpupass -q -y recover
        [[ $(last_record) == *'"record":"end"'* ]]
        if [[ $(last_record) == *'"outcome":"done"'* ]]; then $back; else undone=$((undone + 1)); fi
        $same
    done
    echo "killed $kills times, $undone times undone"
    [[ $status == 0 ]]
    ((undone > 0))
    ((every > 1 || kills > undone)) # After the last write there is nothing to undo.
    $back
    $same
}
nothing_is_interrupted() { gpupass history --json | jq -e 'all(.operations[]; .outcome != "interrupted")' >/dev/null; }
# tally FILE: its lines, each once, with how often it occurs.
tally() { sort "$1" | uniq -c | sed 's/^ *//' | paste -sd ',' | sed 's/,/, /g'; }
last_record() { tail -qn 1 "$(find /var/lib/gpupass/journal -type f | sort | tail -n 1)"; }

# A metrics exporter opens every GPU that exists when it starts.
start_exporter() {
    cat >/run/systemd/system/dcgm-exporter.service <<'END'
[Service]
ExecStart=/bin/bash -c 'for card in /dev/dri/card*; do exec {fd}<$card; done; sleep infinity'
END
    systemctl daemon-reload
    systemctl start dcgm-exporter
}

# The nested guest writes its console to a file; guest/init documents the lines.
guest_console=/var/lib/libvirt/images/guest1.console
guest_saw() { tr -d '\r' <"$guest_console" | grep -aE "guest: $1"; }

# The number of this boot, 1 for the first. The disk is the same in all boots of a scenario, and so is /share.
boot=$(cat /share/boot)
export boot

# The scenario continues in the next boot.
reboot() {
    echo reboot >>/share/report
    exit
}

# Like reboot, but with a power cut: data that is not on the disk yet is lost.
power_cut() {
    echo power-cut >>/share/report
    sleep infinity
}

# The scenario's last command: switches the host off at once.
end() {
    ! grep -q ^FAIL /share/report || journalctl -b --no-pager >>/share/journal.log
    echo end >>/share/report
}
