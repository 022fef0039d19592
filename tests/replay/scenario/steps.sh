# Sourced by init: steps, and functions that examine the machine. Lines of the console that begin with "@" are for
# judge.py: "@ok STEP", "@FAIL STEP", "@note ..." and all between "@begin NAME" and "@done".
# shellcheck shell=sh

# step NAME COMMAND...: runs the command, usually a function, until its first failing command.
step() {
    name=$1
    shift
    (
        set -e
        "$@"
    ) >/tmp/step 2>&1 </dev/null
    # With `( ... ) || verdict=FAIL` the shell would ignore failing commands.
    status=$?
    grep '^@' /tmp/step
    if [ $status = 0 ]; then
        echo "@ok $name"
    else
        echo "@FAIL $name (status $status)"
        grep -v '^@' /tmp/step | tail -n 30 | sed 's/^/@| /'
    fi
}

# output NAME COMMAND...: the output of the command goes to judge.py.
output() {
    echo "@begin $1"
    shift
    "$@"
    echo "@done"
}

load_machine() {
    modprobe vfio-pci
    modprobe vfio_iommu_type1
    modprobe pci-stub
    modprobe replay
    while read -r address override driver; do
        device=/sys/bus/pci/devices/$address
        [ -e "$device" ] || continue # The groups show what is missing.
        [ "$override" = - ] || echo "$override" >"$device/driver_override"
        if [ "$driver" != - ] && [ ! -e "$device/driver" ]; then echo "$address" >/sys/bus/pci/drivers_probe; fi
    done </machine/overrides
}

# exits STATUS COMMAND...: true if the command exits with this status.
exits() {
    expected=$1 got=0
    shift
    "$@" || got=$?
    [ $got = "$expected" ] || { echo "exit status $got, expected $expected: $*"; return 1; }
}

# The GPUs of the host that can be given away, and those that cannot: the last columns of `list` are STATE and ASSIGNABLE.
givable() { gpupass -q list | awk '$NF == "yes" && $(NF - 1) == "host" { print $1 }'; }
refused() { gpupass -q list | awk '/ no: / { print $1 }'; }
full() { case $1 in *:*:*) echo "$1" ;; *) echo "0000:$1" ;; esac; }
device() { echo "/sys/bus/pci/devices/$(full "$1")"; }
driver_of() { [ ! -e "$(device "$1")/driver" ] || basename "$(readlink "$(device "$1")/driver")"; }
remember_state() { sysfs state >/tmp/before; }
same_state() {
    sysfs state >/tmp/after
    diff /tmp/before /tmp/after
}
