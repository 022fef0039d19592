# Each GPU that can be given away is bound and released, then all of them at once.
# shellcheck shell=sh
bind_and_release() {
    remember_state
    gpupass -q -y bind "$@"
    for gpu; do
        [ "$(driver_of "$gpu")" = vfio-pci ]
        [ -c "/dev/vfio/$(basename "$(readlink "$(device "$gpu")/iommu_group")")" ]
    done
    gpupass -q -y release "$@"
    same_state
}
# One whose group holds another card is refused alone, and moves only together with that.
bind_one() {
    remember_state
    got=0
    gpupass -q -n bind "$1" || got=$?
    if [ $got = 3 ]; then
        exits 3 gpupass -q -y bind "$1"
        same_state
        echo "@note refused $(full "$1")"
    else
        bind_and_release "$1"
        echo "@note bound $(full "$1")"
    fi
}
for gpu in $(givable); do step "bind and release $gpu" bind_one "$gpu"; done
# shellcheck disable=SC2046
[ -z "$(givable)" ] || step "bind and release all at once" bind_and_release $(givable)
