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
bind_one() {
    bind_and_release "$1"
    echo "@note bound $(full "$1")"
}
for gpu in $(gpus yes); do step "bind and release $gpu" bind_one "$gpu"; done
# shellcheck disable=SC2046
[ -z "$(gpus yes)" ] || step "bind and release all at once" bind_and_release $(gpus yes)
