# The bind of the first GPU of each PCI domain is killed at each of its writes. Recover then leaves the machine as it was
# found, or as it was asked for.
# shellcheck shell=sh
recovers() {
    gpu=$1 at=1 kills=0
    remember_state
    while :; do
        got=0
        LD_PRELOAD=/lib/kill_at.so KILL_AT=$at gpupass -q -y bind "$gpu" || got=$?
        [ $got = 137 ] || break
        kills=$((kills + 1)) at=$((at + kill_step))
        gpupass -q -y recover
        if [ "$(driver_of "$gpu")" = vfio-pci ]; then gpupass -q -y release "$gpu"; fi
        same_state
    done
    [ $got = 0 ]
    gpupass -q -y release "$gpu"
    same_state
    [ $kills -gt 0 ]
    echo "@note kills $(full "$gpu") $kills"
}
kill_step=$(sed -n 's/.*kill_step=\([0-9]*\).*/\1/p' /proc/cmdline)
for gpu in $(for one in $(givable); do full "$one"; done | sort | awk -F : '!seen[$1]++'); do
    step "bind of $gpu, killed at each write" recovers "$gpu"
done
