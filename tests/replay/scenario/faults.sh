# Hardware and drivers that fail: nothing hangs, and what can be undone is.
# shellcheck shell=sh
parameter() { echo "$2" >"/sys/module/replay/parameters/$1"; }

# It has fallen off the bus: its registers read as ones.
silent() {
    remember_state
    parameter silence "$(full "$1")"
    for verb in list groups check; do gpupass -q $verb || [ $? = 3 ]; done
    parameter answer "$(full "$1")"
    gpupass -q -y bind "$1"
    gpupass -q -y release "$1"
    same_state
}

# Its own driver does not take it back, until it does.
not_taken_back() {
    remember_state
    gpupass -q -y bind "$1"
    parameter probe_error 5
    ! gpupass -q -y release "$1"
    parameter probe_error 0
    gpupass -q -y recover || true
    [ "$(driver_of "$1")" != vfio-pci ] || gpupass -q -y release "$1"
    same_state
}

# The driver does not return from remove(), until it does.
stuck() {
    remember_state
    parameter hang Y
    exits 6 env GPUPASS_WRITE_DEADLINE=3 gpupass -q -y bind "$1"
    gpupass -q list
    parameter hang N
    sleep 1
    gpupass -q -y recover
    [ "$(driver_of "$1")" != vfio-pci ] || gpupass -q -y release "$1"
    same_state
}

for gpu in $(givable); do
    [ -n "$(driver_of "$gpu")" ] && [ "$(driver_of "$gpu")" != vfio-pci ] || continue
    step "$gpu reads as ones" silent "$gpu"
    step "the host's driver refuses $gpu" not_taken_back "$gpu"
    step "the host's driver does not let go of $gpu" stuck "$gpu"
    break
done
